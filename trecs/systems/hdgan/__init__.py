"""HDGAN (Zhang, Xie, Yang, CVPR 2018): one generator, and judges nested along it."""
