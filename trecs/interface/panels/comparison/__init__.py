"""The same words drawn by several systems."""
