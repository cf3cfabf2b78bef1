"""The panels of the page: what is traced, what led to the picture, and the picture."""
