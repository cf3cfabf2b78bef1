from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.controlgan.tiny import CONFIG, tiny_controlgan, told
from trecs.narrative import from_text
from trecs.systems.controlgan.generator import ByChannels, ChannelAttention, Generator
from trecs.systems.controlgan.system import CHANGE
from trecs.systems.interface import Drawing, WordAttention


@torch.no_grad()
@pytest.mark.parametrize(("first", "sides"), [(16, (16, 32, 64)), (64, (64, 128))])
def test_each_stage_draws_twice_the_side(first: int, sides: tuple[int, ...]) -> None:
    config = replace(CONFIG, first=first, stages=len(sides))
    generator = Generator(config)
    drawn = generator(*generator.draw_noise(2), *told())
    assert [one.shape for one in drawn.pictures] == [(2, 3, side, side) for side in sides]
    for one, side in zip(drawn.attended, sides[:-1], strict=True):
        assert one.words.shape == one.channels.projected.shape == (2, 5, side, side)
        assert one.context.shape == one.channels.context.shape == (2, 4, side, side)
        assert one.channels.shares.shape == (2, 5, 4)


@torch.no_grad()
def test_channels_attend_to_words_as_the_equations_say() -> None:
    """Channel by channel and word by word, as the paper writes it."""
    torch.manual_seed(0)
    attention, context, (_, words, padding) = (
        ChannelAttention(8, 6, 2),
        torch.randn(2, 4, 2, 3),
        told(),
    )
    found = attention(context, words, padding)
    kernel = attention.get_parameter("conv_context2.weight").flatten(1)  # (H*W, D)
    for n in range(2):
        known = [t for t in range(5) if not padding[n, t]]
        layouts = {t: kernel @ words[n, :, t] for t in known}
        for c in range(4):
            scores = {t: float((layouts[t] @ context[n, c].flatten()).exp()) for t in known}
            shares = {t: score / sum(scores.values()) for t, score in scores.items()}
            expected = sum(share * layouts[t] for t, share in shares.items())
            assert isinstance(expected, torch.Tensor)
            torch.testing.assert_close(found.context[n, c].flatten(), expected)
            for t in range(5):
                share = found.shares[n, t, c].item()
                assert share == pytest.approx(shares.get(t, 0), abs=1e-5)


def test_what_words_brought_worked_out_by_hand() -> None:
    """Shares (1/4, 1) and (3/4, 0) of the channels; of values 2 and -1 they bring 10 to 3."""
    shares = torch.tensor([[[0.25, 1.0], [0.75, 0.0]]])
    projected = torch.tensor([2.0, -1.0]).view(1, 2, 1, 1)
    brought = ByChannels(torch.zeros(1, 2, 1, 1), shares, projected).brought()
    assert brought.flatten().tolist() == pytest.approx([10 / 13, 3 / 13])


@torch.no_grad()
def test_words_are_seen_by_the_later_stages_alone_and_padding_by_none() -> None:
    generator = tiny_controlgan().networks.generator
    assert isinstance(generator, Generator)
    (noise, variation), (sentence, words, padding) = generator.draw_noise(2), told()
    before = generator(noise, variation, sentence, words, padding).pictures
    after = generator(noise, variation, sentence, words * -2, padding).pictures
    torch.testing.assert_close(after[0], before[0])
    for one, other in zip(after[1:], before[1:], strict=True):
        assert not torch.allclose(one, other, atol=1e-3)
    hidden = generator(noise, variation, sentence, words + 9 * padding[:, None], padding).pictures
    for one, other in zip(hidden, before, strict=True):
        torch.testing.assert_close(one, other, rtol=0, atol=2e-4)


def drawn(text: str, seed: int = 5) -> tuple[WordAttention, Drawing]:
    """Where words counted, and the whole drawing."""
    drawing = tiny_controlgan().draw(from_text(text), seed)
    assert drawing.attention is not None
    return drawing.attention, drawing


def test_places_channels_and_what_each_word_changes_are_shown() -> None:
    attention, drawing = drawn("a red dog")
    assert [len(frame.picture) for frame in drawing.frames] == [16, 32, 64]
    assert drawing.picture is drawing.frames[-1].picture
    assert attention.words == ("a", "red", "dog")
    assert {name: one.shape for name, one in attention.maps.items()} == {
        CHANGE: (3, 64, 64),
        "stage 2 channels": (3, 16, 16),
        "stage 2": (3, 16, 16),
        "stage 3 channels": (3, 32, 32),
        "stage 3": (3, 32, 32),
    }
    for name in set(attention.maps) - {CHANGE}:
        assert attention.maps[name].sum(0) == pytest.approx(1, abs=1e-5)


def test_a_words_change_is_that_of_the_picture_without_it() -> None:
    """Of the same noise, so the map of "red" is how "a dog" is another picture."""
    (attention, whole), (_, less) = drawn("a red dog"), drawn("a dog")
    change = attention.maps[CHANGE][1] * 127.5
    expected = abs(whole.picture.astype(float) - less.picture).mean(2)
    assert change.max() > 1
    assert change == pytest.approx(expected, abs=1.01)  # both pictures were rounded


def test_a_single_word_has_no_picture_without_it() -> None:
    assert CHANGE not in drawn("dog")[0].maps


def test_one_stage_attends_to_no_word() -> None:
    system = tiny_controlgan(replace(CONFIG, stages=1))
    drawing = system.draw(from_text("a red dog"), 0)
    assert drawing.attention is None
    assert len(drawing.picture) == CONFIG.first
