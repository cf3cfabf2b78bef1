import json

import pytest

from files.errors import InputError
from trecs import narrative


@pytest.mark.parametrize("where", ["caption", "timed_caption"])
def test_letters_without_a_space_are_no_word(where: str) -> None:
    text = "a dog " + "x" * 400_000
    timed = [{"utterance": text, "start_time": 0, "end_time": 1}]
    told = json.dumps({where: text if where == "caption" else timed})
    with pytest.raises(InputError, match=r"400,000 letters without a space.*Put spaces") as raised:
        narrative.loads(told)
    assert len(str(raised.value)) < 200
