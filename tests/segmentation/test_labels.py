import numpy as np
import pytest

from files.errors import InputError
from segmentation import labels


def test_the_values_are_coco_stuffs():
    assert labels.COUNT == 182
    assert (labels.NAMES[0], labels.NAMES[90], labels.NAMES[91]) == (
        "person",
        "hair-brush",
        "banner",
    )
    assert labels.value_of("sky-other") == 156
    assert labels.value_of("wood") == 181


def test_things_end_where_stuff_begins():
    assert labels.is_thing(0)
    assert labels.is_thing(90)
    assert not labels.is_thing(91)
    assert not labels.is_thing(labels.UNLABELED)


def test_an_unknown_name_is_answered_with_similar_ones():
    with pytest.raises(InputError, match="sky-other"):
        labels.value_of("sky")


@pytest.mark.parametrize(
    ("text", "first"), [("wall", "wall-brick"), ("other sky", "sky-other"), ("DOG", "dog")]
)
def test_search_finds_names_by_their_words(text, first):
    assert labels.search(text)[0] == first


def test_the_palette_gives_every_label_its_own_colour():
    colours = labels.palette()
    assert colours.shape == (256, 3)
    assert colours[labels.UNLABELED].tolist() == [128, 128, 128]
    assert len(np.unique(colours[: labels.COUNT], axis=0)) == labels.COUNT
