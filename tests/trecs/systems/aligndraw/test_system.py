import numpy as np
import torch

from tests.trecs.systems.aligndraw.tiny import CONFIG, tiny_aligndraw
from trecs.narrative import Narrative, Word


def said(text: str) -> Narrative:
    return Narrative(tuple(Word(w, i, i + 1.0) for i, w in enumerate(text.split())))


def test_a_canvas_grows_to_the_picture() -> None:
    drawing = tiny_aligndraw().draw(said("a red dog"), 2)
    assert len(drawing.frames) == CONFIG.steps
    assert np.array_equal(drawing.frames[-1].picture, drawing.picture)
    assert not np.array_equal(drawing.frames[0].picture, drawing.picture)
    assert drawing.picture.std() > 0.5


@torch.no_grad()
def test_the_window_frames_what_was_written() -> None:
    """By itself a window has its outer filters on the outer pixels."""
    model = tiny_aligndraw()
    decoder = model.networks.generator
    decoder.window.weight.zero_()  # type: ignore[union-attr,operator]
    decoder.window.bias.zero_()  # type: ignore[union-attr,operator]
    drawing = model.draw(said("a red dog"), 2)
    for frame in drawing.frames:
        assert frame.window is not None
        np.testing.assert_allclose(frame.window, [0, 0, 1, 1], atol=1e-6)


def test_every_place_shares_its_ink_among_the_words() -> None:
    drawing = tiny_aligndraw().draw(said("a red zebra dog"), 2)
    assert drawing.attention is not None
    assert drawing.attention.words == ("a", "red", "dog")
    (maps,) = drawing.attention.maps.values()
    assert maps.shape == (3, CONFIG.side, CONFIG.side)
    np.testing.assert_allclose(maps.sum(0), 1, rtol=1e-5)
    assert drawing.notes == ("Words that it does not know: zebra.",)
