"""Networks that turn a segmentation canvas into a picture."""

from trecs.generators.generator import Generator

__all__ = ["Generator"]
