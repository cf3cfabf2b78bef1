"""The pipeline's canvas, painted by a diffusion pipeline with a ControlNet."""
