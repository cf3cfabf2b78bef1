import numpy as np
import pytest
import torch

from segmentation.labels import value_of
from segmentation.masks import Box
from trecs.alignment.mentioned import as_mentioned
from trecs.alignment.regions import Region
from trecs.narrative import from_text
from trecs.prediction.groups import side_by_side
from trecs.prediction.network import TraceConfig, TraceNetwork
from trecs.prediction.predictor import TracePredictor
from trecs.tagging.reading import all_nouns
from trecs.text.grammar import read


@pytest.fixture
def predictor() -> TracePredictor:
    torch.manual_seed(0)
    return TracePredictor(TraceNetwork(TraceConfig.tiny()))


def boxes(predictor: TracePredictor, text: str, seed: int = 0) -> list[Box]:
    """The boxes of a text's mentions, in their order."""
    said = read(text.split(), all_nouns())
    return predictor.predict(from_text(text), as_mentioned((), said), said, seed)


def middle(box: Box) -> tuple[float, float]:
    return (box[0] + box[2]) / 2, (box[1] + box[3]) / 2


def area(box: Box) -> float:
    return (box[2] - box[0]) * (box[3] - box[1])


@pytest.mark.parametrize(
    ("text", "axis"),
    [
        ("a cat left of a dog", 0),
        ("a cat on the left and a dog on the right", 0),
        ("a bird above a cat", 1),
        ("a bird at the top and a cat at the bottom", 1),
        ("a dog on a couch", 1),
    ],
)
@pytest.mark.parametrize("seed", [0, 1])
def test_sides_and_relations_are_kept_to(
    predictor: TracePredictor, text: str, axis: int, seed: int
) -> None:
    first, second = boxes(predictor, text, seed)
    assert middle(first)[axis] < middle(second)[axis]


def test_between(predictor: TracePredictor) -> None:
    cat, bus, truck = (middle(b)[0] for b in boxes(predictor, "a cat between a bus and a truck"))
    assert min(bus, truck) < cat < max(bus, truck)


@pytest.mark.parametrize("text", ["a huge cat and a tiny dog", "the cat is bigger than the dog"])
def test_sizes_are_kept_to(predictor: TracePredictor, text: str) -> None:
    cat, dog = boxes(predictor, text)
    assert area(cat) > 1.5 * area(dog)


def test_what_was_drawn_stays_and_the_others_keep_to_it(predictor: TracePredictor) -> None:
    text = "a cat left of a dog"
    said = read(text.split(), all_nouns())
    drawn = np.array([[0.5, 0.4, 0], [0.7, 0.4, 1], [0.7, 0.7, 2], [0.5, 0.7, 3]])
    regions = (Region(value_of("cat"), 0, 2), Region(value_of("dog"), 2, 6, (drawn,)))
    cat, dog = predictor.complete(from_text(text), regions, 0, said)
    assert dog is regions[1]
    assert cat.hull[:, 0].mean() < 0.5


def test_seeds_lay_out_anew(predictor: TracePredictor) -> None:
    text = "a cat and a dog"
    assert boxes(predictor, text, 0) == boxes(predictor, text, 0)
    assert len({tuple(boxes(predictor, text, seed)) for seed in range(4)}) > 1


def test_several_things_become_as_many_regions(predictor: TracePredictor) -> None:
    text = "five birds"
    said = read(text.split(), all_nouns())
    found = predictor.complete(from_text(text), (Region(value_of("bird"), 0, 2),), 0, said)
    assert len(found) == 5
    assert all(region.predicted for region in found)


@pytest.mark.parametrize("count", [2, 5, 12])
def test_a_group_stands_side_by_side(count: int) -> None:
    parts = side_by_side((0.1, 0.2, 0.9, 0.6), count, 0.8, np.random.default_rng(0))
    assert len(parts) == count
    for left, top, right, bottom in parts:
        assert (right - left) / (bottom - top) == pytest.approx(0.8)
        assert 0.1 <= left < right <= 0.9
        assert 0.2 <= top < bottom <= 0.6 + 1e-9
