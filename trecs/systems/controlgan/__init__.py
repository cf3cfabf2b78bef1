"""ControlGAN (Li et al., NeurIPS 2019): words are attended to by places and by channels."""
