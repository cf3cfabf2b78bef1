"""Every part that ships has a model card that the Hub and people can read."""

import re
from pathlib import Path

import pytest
from huggingface_hub import ModelCard

from tests.conftest import ROOT

CARDS = sorted((ROOT / "checkpoints").glob("*/README.md"))
LICENCES = {"apache-2.0", "cc-by-4.0", "cc-by-nc-4.0", "cc-by-nc-sa-4.0", "other"}
SECTIONS = ("Data", "Licence", "Recipe", "Numbers", "Limits")


def ids(path: Path) -> str:
    return path.parent.name


@pytest.fixture(params=CARDS, ids=ids)
def card(request: pytest.FixtureRequest) -> ModelCard:
    return ModelCard.load(request.param)


def test_every_part_has_a_card() -> None:
    parts = [path for path in (ROOT / "checkpoints").iterdir() if path.is_dir()]
    assert sorted(path.parent for path in CARDS) == sorted(parts)


def test_the_hub_finds_licence_tags_and_data(card: ModelCard) -> None:
    data = card.data.to_dict()
    assert data["license"] in LICENCES
    if data["license"] == "other":
        assert re.fullmatch(r"[a-z0-9.-]+", data["license_name"])
    assert data["library_name"] == "trecs-studio"
    assert "trecs" in data["tags"]
    assert data["datasets"]
    assert all(re.fullmatch(r"[\w.-]+(/[\w.-]+)?", name) for name in data["datasets"])


@pytest.mark.parametrize("section", SECTIONS)
def test_people_find_every_section(card: ModelCard, section: str) -> None:
    """As a heading, or as an item of a list that begins with the section's name in bold."""
    parts = re.split(r"^(?:#+ |- \*\*)([A-Z][\w ]*)", card.text, flags=re.MULTILINE)
    contents = dict(zip(parts[1::2], parts[2::2], strict=True))
    assert section in contents
    assert len(contents[section].split()) >= 5
