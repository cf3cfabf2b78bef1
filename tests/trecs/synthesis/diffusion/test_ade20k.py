from pathlib import Path

import numpy as np
import pytest

import trecs.synthesis.diffusion
from files.errors import InputError
from segmentation.canvas import Canvas
from segmentation.labels import NAMES, UNLABELED, value_of
from trecs.synthesis.diffusion.ade20k import (
    CLASSES,
    COLOURS,
    ade20k_palette,
    control_picture,
    palette_of,
)

FOLDER = Path(trecs.synthesis.diffusion.__file__).parent


def classes() -> dict[str, str]:
    rows = (FOLDER / CLASSES).read_text("utf-8").splitlines()[1:]
    return dict(row.split(",") for row in rows)


def test_every_label_has_one_class_in_the_order_of_labels() -> None:
    assert tuple(classes()) == NAMES


def test_a_label_that_ade20k_has_by_name_is_that_class() -> None:
    known = {row.split(",")[0] for row in (FOLDER / COLOURS).read_text("utf-8").splitlines()[1:]}
    assert len(known) == 150
    for label, name in classes().items():
        alike = {label, label.replace("-", " "), label.removesuffix("-other")} & known
        if alike and label != "counter":  # ADE20K's is a shop's, COCO-Stuff's a kitchen's
            assert name in alike


@pytest.mark.parametrize(
    ("label", "rgb"),
    [
        ("person", (150, 5, 61)),
        ("sky-other", (6, 230, 230)),
        ("tree", (4, 200, 3)),
        ("sea", (9, 7, 230)),
        ("bus", (255, 0, 245)),
        ("zebra", (255, 0, 122)),  # animal
        ("wall-brick", (120, 120, 120)),  # wall
        ("pavement", (235, 255, 7)),  # sidewalk
        ("wood", (120, 120, 120)),
    ],
)
def test_a_label_has_the_colour_of_its_class(label: str, rgb: tuple[int, int, int]) -> None:
    assert tuple(ade20k_palette()[value_of(label)]) == rgb


def test_a_canvas_is_shown_in_these_colours_and_black() -> None:
    labels = np.array([[value_of("person"), value_of("grass"), UNLABELED]], np.uint8)
    shown = control_picture(Canvas(labels, labels.astype(np.int32)))
    assert shown.tolist() == [[[150, 5, 61], [4, 250, 7], [0, 0, 0]]]


@pytest.mark.parametrize(
    ("colours", "rows", "told"),
    [
        ("sky,6,230,300", "person,sky", "no colour for sky: three numbers"),
        ("sky,6,230", "person,sky", "line 2: expected 4 values"),
        ("sky,6,230,230", "persn,sky", "'persn' is not a COCO-Stuff label"),
        ("sky,6,230,230", "person,sea", "person the class 'sea', not in"),
        ("sky,6,230,230\nsea,9,7,230", "person,sky\nperson,sea", "person two classes"),
        ("sky,6,230,230", "person,sky", "gives bicycle no class; add a line 'bicycle,CLASS'"),
    ],
)
def test_a_table_that_was_corrected_wrongly_says_where(
    colours: str, rows: str, told: str, tmp_path: Path
) -> None:
    (tmp_path / "c.csv").write_text(f"class,red,green,blue\n{colours}\n")
    (tmp_path / "l.csv").write_text(f"label,class\n{rows}\n")
    with pytest.raises(InputError, match=told):
        palette_of(tmp_path / "c.csv", tmp_path / "l.csv")
