import logging

import gradio as gr
import pytest

from files.errors import InputError
from trecs.interface.messages import DISK, speaking
from trecs.interface.seeds import LARGEST_SEED, checked_seed
from trecs.interface.texts import text


def test_an_input_error_reaches_the_user_as_it_is() -> None:
    with pytest.raises(gr.Error, match="The sky is missing") as told, speaking():
        raise InputError("The sky is missing.")
    assert not told.value.print_exception


def test_anything_else_is_logged_and_told_in_one_friendly_line(
    caplog: pytest.LogCaptureFixture,
) -> None:
    with caplog.at_level(logging.ERROR), pytest.raises(gr.Error) as told, speaking():
        raise ZeroDivisionError("secret path /srv/x")
    assert told.value.message == text("messages.unexpected")
    assert "secret path" in caplog.text


@pytest.mark.parametrize("seed", [0, 7, 7.0, LARGEST_SEED])
def test_seeds(seed: float) -> None:
    assert checked_seed(seed) == seed


@pytest.mark.parametrize(
    "seed", [None, True, "7", 0.5, -1, LARGEST_SEED + 1, float("nan"), float("inf"), 1e300]
)
def test_what_is_no_seed_is_refused(seed: object) -> None:
    with pytest.raises(gr.Error, match="seed"):
        checked_seed(seed)


@pytest.mark.parametrize("number", sorted(DISK))
def test_a_full_disk_is_told_with_what_to_do(number: int) -> None:
    with pytest.raises(gr.Error, match=r"disk.*try again later") as told, speaking():
        raise OSError(number, "no", "/srv/x")
    assert "/srv" not in told.value.message
