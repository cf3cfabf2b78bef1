"""A cascade of two flows: thumbnails of a canvas, then latents of a frozen autoencoder."""

from trecs.synthesis.painter.painter import Painter

__all__ = ["Painter"]
