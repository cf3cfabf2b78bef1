"""The formats of other programs, in which a drawing goes out and its canvas comes back."""

from trecs.exchange.drawn import Drawn
from trecs.exchange.formats import FORMATS, has_layers, read_layers, read_layers_in, written

__all__ = ["FORMATS", "Drawn", "has_layers", "read_layers", "read_layers_in", "written"]
