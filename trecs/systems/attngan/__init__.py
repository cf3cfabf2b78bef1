"""AttnGAN (Xu et al., CVPR 2018): pictures from words alone, with attention to single words."""
