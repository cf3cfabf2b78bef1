"""A home with the studio's own models and a little data, shared by the tests of all systems."""

from pathlib import Path

import numpy as np
import pytest
import torch
from PIL import Image

from tests.trecs.data.captioned import captioned, random_trunk
from tests.trecs.evaluation.tiny_run import SIZE, write_data
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.trainings import settle_norms
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import Case, cases_of
from trecs.narrative import Narrative
from trecs.systems.interface import Home
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks
from trecs.trunks.efficientnet import LITE0, EfficientNetLite


def write_training_photos(folder: Path) -> None:
    """Two photos that no narrative tells of: all sky, and dogs on grass."""
    for name, labels in (
        ("000000000091", np.full((60, 60), 156, np.uint8)),
        ("000000000092", np.repeat(np.array([[123], [17], [123]], np.uint8), 20, 0).repeat(60, 1)),
    ):
        shade = np.full((60, 60, 3), int(name[-2:]), np.uint8)
        Image.fromarray(shade).save(folder / "coco" / "images" / f"{name}.jpg")
        Image.fromarray(labels).save(folder / "coco" / "labels" / f"{name}.png")


@pytest.fixture(scope="session")
def home(checkpoints: Path, tmp_path_factory: pytest.TempPathFactory) -> Home:
    folder = write_data(tmp_path_factory.mktemp("data"), 2)
    write_training_photos(folder)
    cache = tmp_path_factory.mktemp("cache")
    return Home(checkpoints, data=folder, cache=cache, size=SIZE)


@pytest.fixture(scope="session")
def told(home: Home) -> Narrative:
    case = next(iter(cases_of(home.dataset)))
    assert isinstance(case, Case)
    return case.narrative


@pytest.fixture(scope="session")
def damsm() -> Damsm:
    """A matching model of random weights."""
    torch.manual_seed(0)
    return Damsm(DamsmNetworks(DamsmConfig.tiny(len(VOCABULARY))), VOCABULARY)


@pytest.fixture(scope="session")
def dataset(tmp_path_factory: pytest.TempPathFactory) -> Dataset:
    """Four photos with captions."""
    return captioned(tmp_path_factory.mktemp("captioned"))


@pytest.fixture(scope="session")
def eyes(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """The weights of a random EfficientNet-lite0, to hold pictures against photos through it."""
    trunk = random_trunk(tmp_path_factory.mktemp("trunk") / "lite0.pth", LITE0)
    network = EfficientNetLite.load(LITE0, trunk).train()
    settle_norms(network, torch.randn(4, 3, 64, 64))  # or its early maps are all but 0
    torch.save(network.state_dict(), trunk)
    return trunk
