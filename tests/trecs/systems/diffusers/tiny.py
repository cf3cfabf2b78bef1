"""A tiny pipeline and its ControlNet, where the system looks for them first."""

from pathlib import Path

from tests.trecs.synthesis.diffusion.tiny import save_pair


def install(folder: Path) -> None:
    """Writes both into a folder."""
    save_pair(folder)
