"""DM-GAN (Zhu et al., CVPR 2019): each stage writes the words to a memory that its places read."""
