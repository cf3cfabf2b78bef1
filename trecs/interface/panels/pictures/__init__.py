"""The picture, with its seed and the download."""
