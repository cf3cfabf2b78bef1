"""TReCS Studio: narratives and mouse traces to segmentation canvases and images."""

import getpass
import os
import tempfile
from pathlib import Path
from typing import TYPE_CHECKING, Any

# Before torch is imported: threads that wait for one another sleep rather than spin, which on a
# machine that is busy with other work makes a picture several times as fast.
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")

# In a container a process may have a number but no name and no home, for which torch and others
# ask, and fail. A home that nothing is ever found in serves them.
try:
    Path.home()
except RuntimeError:
    os.environ["HOME"] = tempfile.gettempdir()
try:
    getpass.getuser()
except (KeyError, OSError):
    os.environ["USER"] = str(os.getuid())

if TYPE_CHECKING:
    from trecs.exchange import read_layers as read_layers
    from trecs.pipeline import TReCS as TReCS
    from trecs.result import Result as Result

__version__ = "0.1.0"
__all__ = ["Result", "TReCS", "read_layers"]


def __getattr__(name: str) -> Any:
    """Imports the pipeline, and torch with it, only when it is asked for."""
    if name == "read_layers":
        from trecs.exchange import read_layers

        return read_layers
    if name in __all__:
        from trecs import pipeline

        return getattr(pipeline, name)
    raise AttributeError(f"module 'trecs' has no attribute '{name}'")
