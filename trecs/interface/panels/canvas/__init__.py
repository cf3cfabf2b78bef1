"""The segmentation canvas, which can be repainted."""
