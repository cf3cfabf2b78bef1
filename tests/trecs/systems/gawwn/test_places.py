import numpy as np
import torch

from segmentation.labels import NAMES, UNLABELED
from trecs.systems.gawwn.network import gate
from trecs.systems.gawwn.places import GRID, KIND_OF, KINDS, Box, boxes_of, maps_of


def test_labels_have_the_kinds_that_they_are_called_after() -> None:
    kinds = {name: KINDS[KIND_OF[NAMES.index(name)]] for name in NAMES}
    expected = {"person": "person", "dog": "animal", "bus": "vehicle", "bench": "outdoor",
                "pizza": "food", "toilet": "furniture", "tv": "indoor", "clouds": "sky",
                "sea": "water", "grass": "grass", "wall-brick": "wall",
                "shelf": "furnishing"}  # fmt: skip
    assert {name: kinds[name] for name in expected} == expected
    assert set(kinds.values()) == set(KINDS)


def test_every_piece_of_a_label_has_its_box() -> None:
    labels = np.full((20, 20), UNLABELED, np.uint8)
    labels[:10] = 156  # sky
    labels[12:16, 2:6] = labels[12:20, 10:20] = 17  # dogs; one of them a single pixel
    labels[19, 0] = 17
    sky, animal = KINDS.index("sky"), KINDS.index("animal")
    assert sorted(boxes_of(labels)) == [
        (animal, 0.1, 0.6, 0.3, 0.8),
        (animal, 0.5, 0.6, 1.0, 1.0),
        (sky, 0.0, 0.0, 1.0, 0.5),
    ]


def test_a_spatial_transformer_fills_a_box_and_nothing_else() -> None:
    """Columns 4 to 12 and rows 8 to 16 of 16."""
    maps = maps_of([Box(2, 0.25, 0.5, 0.75, 1.0)])
    expected = torch.zeros(len(KINDS), GRID, GRID)
    expected[2, 8:, 4:12] = 1
    inner = maps[2, 9:15, 5:11]
    torch.testing.assert_close(inner, torch.ones_like(inner))
    assert (maps[expected == 0] == 0).all()
    assert maps_of([]).sum() == 0


def test_a_gate_opens_once() -> None:
    maps = maps_of([Box(0, 0.0, 0.0, 1.0, 0.5), Box(1, 0.0, 0.0, 0.5, 1.0)])[None]
    opened = gate(maps)[0, 0]
    assert opened[4, 4] == 1
    assert opened[12, 12] == 0
    assert opened.max() == 1
