import numpy as np
import pytest

from files.errors import InputError
from trecs.interface.examples import Example, example, examples


def test_there_are_examples_worth_looking_at() -> None:
    found = examples()
    assert len(found) >= 6
    assert len({one.title for one in found}) == len(found)
    for one in found:
        assert len(one.narrative.words) >= 20
        assert len(one.narrative.strokes) >= 5
        assert len(one.thumbnail()) == len(one.narrative.strokes)


@pytest.mark.parametrize("one", examples(), ids=lambda one: one.name)
def test_words_and_traces_of_an_example_overlap_in_time(one: Example) -> None:
    words = np.array([(word.start, word.end) for word in one.narrative.words])
    for stroke in one.narrative.strokes:
        assert ((words[:, 0] < stroke[-1, 2]) & (words[:, 1] > stroke[0, 2])).any()
        assert len(stroke) >= 20


def test_an_unknown_name_is_refused() -> None:
    assert example("horse").words[0].text == "In"
    for name in ("../../app", None, {"path": "/etc/passwd"}):
        with pytest.raises(InputError, match="no example"):
            example(name)
