"""StackGAN-v2 (Zhang et al., TPAMI 2018): a tree of stages that learn together."""
