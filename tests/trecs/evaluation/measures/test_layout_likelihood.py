from dataclasses import replace

import numpy as np
import pytest

from segmentation.labels import COUNT
from tests.retrieval.models import DOG, GRASS, SKY, layout_model
from trecs.evaluation.measures.layout_likelihood import (
    of_box,
    of_ground,
    of_label_set,
    of_map,
)

MODEL = layout_model().statistics


def test_a_label_set_is_expected_as_a_mixture_of_kinds() -> None:
    presence = np.full((2, COUNT), 0.5)
    presence[:, DOG] = 0.8, 0.2
    model = replace(MODEL, kinds=np.array([0.75, 0.25]), presence=presence)
    shown = np.zeros(COUNT, bool)
    rest = (COUNT - 1) * np.log(2)
    assert of_label_set(model, shown) == pytest.approx(rest - np.log(0.75 * 0.2 + 0.25 * 0.8))
    shown[DOG] = True
    assert of_label_set(model, shown) == pytest.approx(rest - np.log(0.75 * 0.8 + 0.25 * 0.2))


def test_a_map_costs_the_cross_entropy_of_its_cells() -> None:
    sky = np.zeros((4, 4))
    sky[:2] = 1.0
    assert of_map(MODEL, SKY, sky) == pytest.approx(-np.log(0.95), rel=1e-5)
    assert of_map(MODEL, GRASS, sky) == pytest.approx(-np.log(0.05), rel=1e-5)


def test_a_box_has_a_density() -> None:
    middle = np.array([0.5, 0.8, np.log(0.3), np.log(0.4)])
    best = 4 * (np.log(0.05) + 0.5 * np.log(2 * np.pi))
    assert of_box(MODEL, DOG, middle) == pytest.approx(best, rel=1e-5)
    aside = middle + np.array([0.1, 0, 0, 0])  # two standard deviations
    assert of_box(MODEL, DOG, aside) == pytest.approx(best + 2, rel=1e-5)


def test_what_never_lies_under_a_foot_costs_no_more_than_the_floor() -> None:
    model = replace(MODEL, support=np.where(np.arange(COUNT) == GRASS, 0.8, 0)[None].repeat(182, 0))
    assert of_ground(model, DOG, np.array([GRASS], np.uint8)) == pytest.approx(-np.log(0.8))
    half = of_ground(model, DOG, np.array([GRASS, SKY], np.uint8))
    assert half == pytest.approx(-(np.log(0.8) + np.log(1e-4)) / 2)
