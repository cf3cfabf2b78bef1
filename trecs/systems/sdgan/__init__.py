"""SD-GAN (Yin et al., CVPR 2019): what two texts of one photo share is what is drawn."""
