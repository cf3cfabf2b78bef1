"""Categories as tools write them, where they are no list of names by numbers."""

from pathlib import Path
from typing import Any

import pytest

from files.errors import InputError
from retrieval.coco_files import read_instances
from tests.exports import export


@pytest.mark.parametrize(
    "categories",
    [
        {"18": "weld"},
        ["crack", "weld"],
        "crack",
        [{"id": 18, "supercategory": "weld"}],
        [{"id": 18, "label": "weld"}],
        [{"id": "k18", "name": "dog"}],
    ],
)
def test_categories_that_cannot_be_read_are_not_numbered(tmp_path: Path, categories: Any) -> None:
    with pytest.raises(InputError, match=r"categories of .* cannot be read; expected a list"):
        read_instances(export(tmp_path / "instances.json", categories=categories))


def test_numbers_without_names_are_told(tmp_path: Path) -> None:
    path = export(tmp_path / "instances.json", categories=None)
    (line,) = read_instances(path).report()
    assert line == "the annotations name no categories, so their numbers were read as COCO's"
