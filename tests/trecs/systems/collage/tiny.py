"""A library of the user's own, which the system takes where no other has photos."""

from pathlib import Path

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from tests.trecs.synthesis.collage.scenes import write


def install(folder: Path) -> None:
    """Writes it to `library` beside the folder of imported weights that `folder` would lie in."""
    write(folder.parents[1] / "library", DualEncoder.load(BUNDLED / "encoder"))
