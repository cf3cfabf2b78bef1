"""Networks that turn a segmentation canvas into a picture."""

from trecs.synthesis.generator import Generator

__all__ = ["Generator"]
