from pathlib import Path

import pytest

from tests.trecs.synthesis.diffusion.tiny import save_pair


@pytest.fixture(scope="session")
def pair(tmp_path_factory: pytest.TempPathFactory) -> tuple[str, str]:
    """The folders of a tiny model and its ControlNet."""
    return save_pair(Path(tmp_path_factory.mktemp("diffusion")))
