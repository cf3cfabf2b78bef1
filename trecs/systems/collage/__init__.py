"""The pipeline's canvases, made of photos."""
