import base64
import io
import re
from dataclasses import replace

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.trecs.systems.attngan.tiny import CONFIG, VOCABULARY, tiny_attngan, tiny_networks
from trecs.interface.panels.comparison.comparison import Exhibit, comparison, inspected
from trecs.systems import registry
from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.model import AttnGan, AttnGanNetworks
from trecs.systems.attngan.system import drawing
from trecs.systems.interface import Drawing, Frame
from trecs.systems.parts.overlays import stretched


def decoded(uri: str) -> NDArray[np.uint8]:
    return np.asarray(Image.open(io.BytesIO(base64.b64decode(uri.split(",")[1]))))


def test_the_maps_of_a_stage_stand_below_one_another() -> None:
    drawn = tiny_attngan().draw("the red dog")
    shown = inspected("AttnGAN", drawing(drawn))
    masks = [decoded(uri) for uri in re.findall(r"--mask:url\((.*?)\)", shown)]
    assert [mask.shape for mask in masks] == [(3 * 64, 64, 4), (3 * 128, 128, 4)]
    opacity = masks[1][256:, :, 3] / 255
    np.testing.assert_allclose(opacity, stretched(drawn.attention[3][2]), atol=0.002)
    assert re.findall(r'data-row="(\d)"', shown) == ["0", "1", "2"]
    assert shown.count('aria-pressed="true"') == 1
    assert "Where AttnGAN attends" in shown
    assert "stage 3, 128×128 places" in shown
    assert "Words that it does not know" not in shown


def test_words_that_were_not_used_are_told() -> None:
    drawn = tiny_attngan().draw("a zebra and the dog runs on the red grass")
    shown = inspected("AttnGAN", drawing(drawn))
    assert "Words that it does not know: zebra and." in shown
    assert f"Beyond its {CONFIG.words} words: red grass." in shown


def test_one_stage_alone_has_no_attention() -> None:
    config = AttnGanConfig(**{**vars(CONFIG), "stages": 1})
    networks = AttnGanNetworks(config)
    networks.load_state_dict(tiny_networks().state_dict(), strict=False)
    drawn = AttnGan(networks, VOCABULARY).draw("a dog")
    assert "one stage alone" in inspected("AttnGAN", drawing(drawn))


def test_a_drawing_that_grew_can_be_played() -> None:
    shades = [np.full((4, 4, 3), shade, np.uint8) for shade in (0, 9)]
    frames = (Frame(shades[0], (0.1, -0.2, 0.6, 0.5)), Frame(shades[1]))
    shown = inspected("alignDRAW", Drawing(shades[1], frames=frames))
    (strip,) = [decoded(uri) for uri in re.findall(r"background-image:url\((.*?)\)", shown)]
    assert np.array_equal(strip, np.concatenate(shades))
    assert 'data-windows="[[10.0, -20.0, 60.0, 50.0], null]"' in shown
    assert "--frames:2;--frame:1" in shown
    assert "the window that it wrote through" in shown
    assert "2 of 2" in shown


def test_stages_of_several_sizes_are_played_at_the_largest() -> None:
    small, large = np.arange(12, dtype=np.uint8).reshape(2, 2, 3), np.full((4, 4, 3), 9, np.uint8)
    shown = inspected("StackGAN", Drawing(large, frames=(Frame(small), Frame(large))))
    (strip,) = [decoded(uri) for uri in re.findall(r"background-image:url\((.*?)\)", shown)]
    assert np.array_equal(strip, np.concatenate([small.repeat(2, 0).repeat(2, 1), large]))
    assert "the window that it wrote through" not in shown


def test_a_picture_alone_has_nothing_to_inspect() -> None:
    assert inspected("Toy", Drawing(np.zeros((8, 8, 3), np.uint8))) == ""


@pytest.mark.parametrize("names", [("attngan", "retrieval"), ("retrieval",)])
def test_all_systems_can_be_chosen_for_both_sides(names: tuple[str, ...]) -> None:
    cards = [registry.own(), *map(registry.card, names)]
    exhibits = [
        Exhibit(card, np.full((4 + i, 4 + i, 3), 40 * i, np.uint8), "<p>beside</p>")
        for i, card in enumerate(cards)
    ]
    shown = comparison(exhibits, "<b>a dog</b>", 7)
    assert "<q>&lt;b&gt;a dog&lt;/b&gt;</q> seed 7" in shown
    for card in cards:
        assert len(re.findall(rf"<option(?: selected)?>{card.short}</option>", shown)) == 2
    left = re.search(r'class="left" src="(.*?)"', shown)
    assert left
    assert decoded(left[1]).shape == (4, 4, 3)
    assert shown.count("<p>beside</p>") == len(cards)


def test_names_are_escaped_and_one_picture_is_enough() -> None:
    card = replace(registry.own(), short='A "toy" & <i>', sees=("words", "<u>"))
    shown = comparison([Exhibit(card, np.zeros((4, 4, 3), np.uint8))], "a dog", 7)
    assert 'data-system="A &quot;toy&quot; &amp; &lt;i&gt;"' in shown
    assert "<i>" not in shown
    assert "saw words, &lt;u&gt;, 4 px" in shown
