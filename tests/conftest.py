"""What all tests share: no network, few threads, and where data, models and Chromium are."""

import os

os.environ["HF_HUB_OFFLINE"] = "1"
os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"
os.environ.setdefault("OMP_NUM_THREADS", "2")  # tiny networks: more threads only wait
os.environ.setdefault("OMP_WAIT_POLICY", "PASSIVE")  # as the package does, but before torch

import shutil
import tempfile
from collections.abc import Iterator
from pathlib import Path

import hypothesis
import pytest
from PIL import Image

from files.errors import InputError

ROOT = Path(__file__).parents[1]

hypothesis.settings.register_profile(
    "default", deadline=None, max_examples=50, print_blob=True, derandomize=True
)
hypothesis.settings.load_profile("default")


Image.preinit()
Image.init()
FORMATS = list(Image.ID), dict(Image.OPEN)


@pytest.fixture(autouse=True)
def _every_format(monkeypatch: pytest.MonkeyPatch) -> None:
    """PIL as it comes, also behind a test that opened a server in this process (`only_ours`)."""
    monkeypatch.setattr(Image, "ID", list(FORMATS[0]))
    monkeypatch.setattr(Image, "OPEN", dict(FORMATS[1]))


@pytest.fixture(scope="session")
def data_folder() -> Path:
    """The training data; skips where it is absent."""
    from trecs.data.dataset import data_folder

    try:
        return data_folder()
    except InputError as error:
        pytest.skip(str(error))


@pytest.fixture(autouse=True)
def _real_data(request: pytest.FixtureRequest) -> None:
    """Skips every test marked `real_data` where the training data is absent."""
    if request.node.get_closest_marker("real_data"):
        request.getfixturevalue("data_folder")


@pytest.fixture(scope="session")
def reference_folder(data_folder: Path) -> Path:
    """Numbers computed with the authors' networks, beside the training data."""
    return _beside(data_folder, "reference")


@pytest.fixture(scope="session")
def models_folder(data_folder: Path) -> Path:
    """Published networks that may teach ours, beside the training data."""
    return _beside(data_folder, "models")


def _beside(data_folder: Path, name: str) -> Path:
    folder = data_folder.parent / name
    if not folder.is_dir():
        pytest.skip(f"There is no folder '{folder}'.")
    return folder


@pytest.fixture
def closed() -> Iterator[Path]:
    """A folder `out` that may be written to, in one that may not be."""
    parent = Path(tempfile.mkdtemp())
    (parent / "out").mkdir()
    (parent / "out").chmod(0o777)
    parent.chmod(0o555)
    yield parent / "out"
    parent.chmod(0o755)
    shutil.rmtree(parent)


@pytest.fixture(scope="session")
def checkpoints() -> Path:
    """The models and the scene library that come with the repository."""
    return ROOT / "checkpoints"


@pytest.fixture(scope="session")
def chromium() -> str:
    """Chromium's path; the browser tests fail where there is none, for a skip would go unseen."""
    for name in ("chromium", "chromium-browser", "google-chrome"):
        if path := shutil.which(name):
            return path
    pytest.fail("The browser tests need Chromium: apt-get install chromium (`make test` does).")
