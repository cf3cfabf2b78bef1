"""FusedGAN (Bodla et al., ECCV 2018): two branches, with and without a text, of one structure."""
