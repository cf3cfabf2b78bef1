from dataclasses import replace

import numpy as np
import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.cigan.tiny import CONFIG, tiny_cigan, tiny_networks
from trecs.narrative import from_text
from trecs.systems.cigan.editing import edit_loss, edited

COLOURS = np.random.default_rng(0).integers(0, 256, (4, 5, 3), np.uint8)
PHOTO = COLOURS.repeat(20, 0).repeat(20, 1)


def test_an_edit_loses_by_words_and_by_the_picture() -> None:
    """Codes 2 apart and features 3."""
    code, seen = torch.zeros(1, 4), torch.zeros(1, 5, 2, 2)
    loss = edit_loss(code, code + 2, seen, seen + 3, (1.0, 10.0))
    assert loss.item() == 4 + 90


def way(words: float, picture: float) -> tuple[torch.Tensor, torch.Tensor, list[float]]:
    """The codes of an edit, those of the words, and how far from the picture each is drawn."""
    config = replace(CONFIG, edit_steps=60, edit_words=words, edit_picture=picture)
    networks = tiny_networks(config)
    torch.manual_seed(1)
    x, told = torch.rand(1, 3, 64, 64) * 2 - 1, torch.randn(1, CONFIG.code)
    noise = networks.generator.draw_noise(1)
    codes = torch.cat(list(edited(networks, x, told, noise)))
    torch.testing.assert_close(codes[:1], networks.invert(x))
    first = networks.look(x)
    far = [(networks.look(networks.draw(code[None], noise)) - first).square().mean().item()
           for code in codes]  # fmt: skip
    return codes, told, far


def test_without_the_picture_a_code_goes_to_that_of_the_words() -> None:
    codes, told, _ = way(1.0, 0.0)
    assert len(codes) == 61
    away = (codes - told).square().mean(1)
    assert away[-1] < 0.05 * away[0]


def test_without_the_words_a_code_goes_where_the_picture_is_met_better() -> None:
    _, _, far = way(0.0, 1.0)
    assert far[-1] < 0.98 * far[0]


def test_with_both_it_ends_between() -> None:
    codes, told, far = way(0.1, 1.0)
    away = (codes - told).square().mean(1)
    assert way(1.0, 0.0)[2][-1] > far[-1]
    assert away[-1] < away[0]


def test_a_picture_of_any_size_is_edited_by_words() -> None:
    model = tiny_cigan()
    drawing = model.edit(PHOTO, "a red zebra", 2)
    assert drawing.picture.shape == (64, 64, 3)
    assert drawing.picture is drawing.frames[-1].picture
    assert drawing.notes == ("Words that it does not know: zebra.",)
    assert len(drawing.frames) == CONFIG.edit_steps + 1
    again, other = model.edit(PHOTO, "a red zebra", 2), model.edit(PHOTO, "dog", 2)
    assert np.array_equal(drawing.picture, again.picture)
    assert np.array_equal(drawing.frames[0].picture, other.frames[0].picture)
    assert not np.array_equal(drawing.picture, other.picture)
    assert not np.array_equal(drawing.picture, model.edit(255 - PHOTO, "a red dog", 2).picture)


def test_of_a_long_edit_some_steps_are_shown() -> None:
    drawing = tiny_cigan(replace(CONFIG, edit_steps=20)).edit(PHOTO, "dog")
    assert len(drawing.frames) == CONFIG.frames + 1


def test_an_edit_needs_a_known_word() -> None:
    with pytest.raises(InputError, match="no word"):
        tiny_cigan().edit(PHOTO, "zebra")


def test_a_drawing_leads_from_the_mean_code_to_the_words() -> None:
    model = tiny_cigan()
    one, other = (model.draw(from_text(words), 2) for words in ("a red dog", "dog"))
    assert len(one.frames) == CONFIG.frames
    assert one.picture is one.frames[-1].picture
    assert np.array_equal(one.frames[0].picture, other.frames[0].picture)
    assert not np.array_equal(one.picture, other.picture)
    assert not np.array_equal(one.picture, one.frames[1].picture)
