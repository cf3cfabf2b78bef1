"""CLIP's networks and loss, with arrays of the authors' code and with numbers by hand."""

from dataclasses import replace
from math import exp, log

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.parts.clip_network import (
    DEVIATION,
    MEAN,
    Clip,
    ClipConfig,
    contrastive_loss,
)

VIT = ClipConfig(12, 32, 8, (2,), 32, 2, 16, 60, 32, 2, 2)
RESNET = ClipConfig(12, 64, 8, (2, 1, 1, 1), 4, 2, 16, 60, 16, 2, 1)
"""What the arrays were made with: the ResNet's heads are its width / 2, the text's its / 8."""


def shown(pictures: Tensor) -> Tensor:
    """Normalised pictures as what is given, in [-1, 1] or beyond."""
    mean, deviation = (torch.tensor(x).view(3, 1, 1) for x in (MEAN, DEVIATION))
    return (pictures * deviation + mean) * 2 - 1


@pytest.mark.real_data
@pytest.mark.parametrize(("name", "config"), [("vit", VIT), ("resnet", RESNET)])
def test_the_authors_networks(name: str, config: ClipConfig) -> None:
    stored = reference("clip.npz")
    network = filled(Clip(config), stored, f"{name}/param/")
    pictures, tokens = shown(stored[f"{name}_image"]), stored["tokens"]
    assert_near(network.picture_features(pictures), stored[f"{name}_image_features"])
    assert_near(network.text_features(tokens), stored[f"{name}_text_features"])
    logits = network(pictures, tokens)
    assert_near(logits, stored[f"{name}_logits_per_image"])
    assert_near(logits.T, stored[f"{name}_logits_per_text"])
    if name == "vit":
        assert_near(contrastive_loss(logits[:2, :2]), stored["vit_contrastive_loss"])


@pytest.mark.real_data
def test_released_weights_have_its_names() -> None:
    from tests.trecs.systems.references import FOLDER

    path = FOLDER / "clip_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list in '{path}'")
    lines = [line.split(" ", 1) for line in path.read_text().splitlines() if line[:1] != "#"]
    listed = {name: shape for name, shape in lines if name}
    with torch.device("meta"):
        state = Clip(ClipConfig()).state_dict()
    assert {name: str(tuple(tensor.shape)) for name, tensor in state.items()} == listed
    assert sum(tensor.numel() for tensor in state.values()) == 151_277_313


def test_the_loss_of_two_pairs() -> None:
    """Own logits 2 and 1, others 0 and 1: rows say 2 - 0 and 1 - 1, columns 2 - 1 and 1 - 0."""
    logits = torch.tensor([[2.0, 0.0], [1.0, 1.0]])

    def lost(ahead: float) -> float:
        return log(1 + exp(-ahead))

    expected = ((lost(2) + lost(0)) / 2 + (lost(1) + lost(1)) / 2) / 2
    assert contrastive_loss(logits).item() == pytest.approx(expected)


def test_logits_are_scaled_cosines() -> None:
    """The scale begins as 1 / 0.07."""
    network = Clip(ClipConfig.tiny())
    logits = network.logits(torch.tensor([[3.0, 4]]), torch.tensor([[2.0, 0], [0, 9]]))
    assert_near(logits, torch.tensor([[0.6, 0.8]]) / 0.07)


def test_what_stands_after_the_end_counts_for_nothing() -> None:
    network = Clip(ClipConfig.tiny()).eval()
    text = torch.tensor([[10, 3, 4, 11, 0, 0, 0, 0]])
    longer = torch.tensor([[10, 3, 4, 11, 7, 7, 7, 0], [10, 3, 4, 5, 6, 7, 8, 11]])
    assert_near(network.text_features(text)[0], network.text_features(longer)[0], 1e-6)


def test_an_earlier_word_counts() -> None:
    network = Clip(ClipConfig.tiny()).eval()
    one, other = network.text_features(torch.tensor([[10, 3, 4, 11], [10, 5, 4, 11]]))
    assert (one - other).abs().max() > 1e-3


def test_pictures_of_other_sizes_are_scaled() -> None:
    network = Clip(ClipConfig.tiny()).eval()
    plain = torch.full((1, 3, 50, 50), 0.25)
    assert_near(network.picture_features(plain), network.picture_features(plain[..., :16, :16]))


@pytest.mark.parametrize("layers", [(), (1, 2), (1, 2, 3, 4, 5)])
def test_a_picture_is_seen_by_one_kind_of_network(layers: tuple[int, ...]) -> None:
    with pytest.raises(ValueError, match="one number or four"):
        replace(ClipConfig.tiny(), picture_layers=layers)
