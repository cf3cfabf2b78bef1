"""TAC-GAN (Dash et al., 2017): GAN-CLS whose judge must name a class, too."""
