"""The most similar photo."""
