"""MirrorGAN (Qiao et al., CVPR 2019): what is drawn must be read back as what was told."""
