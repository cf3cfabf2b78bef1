"""PPGN (Nguyen et al., CVPR 2017): a code is led to a picture that fits, update after update."""
