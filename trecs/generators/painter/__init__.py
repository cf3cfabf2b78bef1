"""A cascade of two flows: thumbnails of a canvas, then latents of a frozen autoencoder."""

from trecs.generators.painter.painter import Painter

__all__ = ["Painter"]
