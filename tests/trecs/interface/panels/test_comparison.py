import base64
import io
import re

import numpy as np
import pytest
from numpy.typing import NDArray
from PIL import Image

from tests.trecs.systems.attngan.tiny import CONFIG, VOCABULARY, tiny_attngan, tiny_networks
from trecs.interface.panels.comparison.comparison import comparison, inspected
from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.model import AttnGan, AttnGanNetworks
from trecs.systems.attngan.system import drawing
from trecs.systems.interface import Drawing
from trecs.systems.parts.overlays import stretched

TRECS, ATTNGAN, RETRIEVAL = "TReCS", "AttnGAN", "Best retrieved scene"


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
    assert "stage 3, 128&times;128 places" in shown
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


def test_a_picture_alone_has_nothing_to_inspect() -> None:
    assert inspected("Toy", Drawing(np.zeros((8, 8, 3), np.uint8))) == ""


@pytest.mark.parametrize("systems", [(TRECS, ATTNGAN, RETRIEVAL), (TRECS, RETRIEVAL)])
def test_all_systems_can_be_chosen_for_both_sides(systems: tuple[str, ...]) -> None:
    pictures = {
        name: np.full((4 + i, 4 + i, 3), 40 * i, np.uint8) for i, name in enumerate(systems)
    }
    shown = comparison(pictures, "<b>a dog</b>", 7, "<p>beside</p>")
    assert "<q>&lt;b&gt;a dog&lt;/b&gt;</q> seed 7" in shown
    for name in systems:
        assert len(re.findall(rf"<option(?: selected)?>{name}</option>", shown)) == 2
    left = re.search(r'class="left" src="(.*?)"', shown)
    assert left
    assert decoded(left[1]).shape == (4, 4, 3)
    assert "<p>beside</p>" in shown


def test_names_are_escaped_and_one_picture_is_enough() -> None:
    shown = comparison({'A "toy" & <b>': np.zeros((4, 4, 3), np.uint8)}, "a dog", 7, "")
    assert 'data-system="A &quot;toy&quot; &amp; &lt;b&gt;"' in shown
    assert "<b>" not in shown
