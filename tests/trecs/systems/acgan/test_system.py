from dataclasses import replace

import numpy as np
import pytest

from files.errors import InputError
from segmentation.labels import NAMES, value_of
from tests.trecs.systems.acgan.tiny import LABELS, install, tiny_acgan
from trecs.narrative import Narrative, Word
from trecs.systems.acgan.system import AcGan
from trecs.systems.interface import Home
from trecs.systems.parts.vocabulary import END, CaptionVocabulary


@pytest.fixture(scope="module")
def system(home: Home, tmp_path_factory: pytest.TempPathFactory) -> AcGan:
    folder = tmp_path_factory.mktemp("acgan")
    install(folder / "acgan")
    return AcGan.load(replace(home, checkpoint=folder, pipelines={}), "cpu")


def spoken(text: str) -> Narrative:
    return Narrative(tuple(Word(word, i, i + 1) for i, word in enumerate(text.split())), ())


def test_it_draws_the_main_label_and_says_which(system: AcGan) -> None:
    drawing = system.draw(spoken("grass grass and grass with a dog"), 1)
    assert drawing.notes == ("It draws one label: dog.",)
    assert drawing.tags is not None
    assert value_of("grass") in drawing.tags
    same = system.draw(spoken("a dog"), 1)
    assert np.array_equal(drawing.picture, same.picture)
    other = system.draw(spoken("the grass"), 1)
    assert other.notes == ("It draws one label: grass.",)
    assert not np.array_equal(drawing.picture, other.picture)


def test_of_labels_that_it_does_not_draw_the_likeliest_is_taken(system: AcGan) -> None:
    narrative = spoken("a giraffe")
    drawing = system.draw(narrative, 1)
    (note,) = drawing.notes
    assert drawing.tags is not None
    assert "giraffe" in {NAMES[label] for label in drawing.tags}
    by_name = dict(zip(NAMES, system.trecs.tag(narrative).probabilities.sum(0), strict=True))
    likeliest = max(LABELS.words[1:], key=by_name.__getitem__)
    assert note == f"It draws one label, and none that the words speak of: {likeliest}."


def test_a_vocabulary_has_as_many_labels_as_there_are_classes() -> None:
    networks = tiny_acgan().networks
    with pytest.raises(InputError, match="both must come from one training"):
        AcGan(networks, CaptionVocabulary((END, "dog")))
