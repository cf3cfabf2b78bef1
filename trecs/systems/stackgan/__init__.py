"""StackGAN (Zhang et al., ICCV 2017): a sketch, then a larger picture over it."""
