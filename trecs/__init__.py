"""TReCS Studio: narratives and mouse traces to segmentation canvases and images."""

from typing import TYPE_CHECKING, Any

if TYPE_CHECKING:
    from trecs.pipeline import Result as Result
    from trecs.pipeline import TReCS as TReCS

__all__ = ["Result", "TReCS"]


def __getattr__(name: str) -> Any:
    """Imports the pipeline, and torch with it, only when it is asked for."""
    if name in __all__:
        from trecs import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'trecs' has no attribute '{name}'")
