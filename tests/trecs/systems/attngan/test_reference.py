"""Our networks and losses against numbers computed with the authors' code."""

import ast
from dataclasses import replace
from pathlib import Path
from typing import TypeVar

import numpy as np
import pytest
import torch
from torch import Tensor, nn

from trecs.systems.attngan.config import AttnGanConfig
from trecs.systems.attngan.discriminator import discriminators
from trecs.systems.attngan.generator import AttnGanGenerator
from trecs.systems.parts.discriminator import Discriminator
from trecs.systems.parts.matching_losses import sentence_loss, word_loss
from trecs.systems.parts.text_encoder import TextEncoder

pytestmark = pytest.mark.real_data

Network = TypeVar("Network", bound=nn.Module)


def arrays(folder: Path, name: str) -> dict[str, Tensor]:
    with np.load(folder / name) as stored:
        return {key: torch.from_numpy(np.asarray(stored[key])) for key in stored.files}


def filled(network: Network, stored: dict[str, Tensor], prefix: str = "param/") -> Network:
    network.load_state_dict(
        {key.removeprefix(prefix): v for key, v in stored.items() if key.startswith(prefix)}
    )
    return network.eval().requires_grad_(False)


def assert_near(found: Tensor, expected: Tensor, tolerance: float = 1e-4) -> None:
    torch.testing.assert_close(found, expected.float(), rtol=0, atol=tolerance)


def test_the_text_encoder(reference_folder: Path) -> None:
    stored = arrays(reference_folder, "attngan_text_encoder.npz")
    words, sentences = filled(TextEncoder(50, 20, 16), stored)(
        stored["captions"], stored["lengths"]
    )
    assert_near(words, stored["words_emb"])
    assert_near(sentences, stored["sent_emb"])


@pytest.mark.parametrize("authors_mask", [False, True])
def test_the_generator(reference_folder: Path, authors_mask: bool) -> None:
    """The reference is one caption, for which both orders of the mask are the same."""
    stored = arrays(reference_folder, "attngan_generator.npz")
    config = AttnGanConfig(text=16, width=8, noise=10, condition=12, authors_mask=authors_mask)
    drawn = filled(AttnGanGenerator(config), stored)(
        stored["noise"],
        torch.zeros(1, 12),
        stored["sent_emb"],
        stored["words_emb"],
        stored["mask"],
    )
    for image, side in zip(drawn.images, (64, 128, 256), strict=True):
        assert_near(image, stored[f"img{side}"])  # within the rounding to float16
    assert_near(drawn.attentions[0], stored["att1"])
    assert_near(drawn.mean, stored["mu"])
    assert_near(drawn.log_variance, stored["logvar"])


@pytest.mark.parametrize("side", [64, 128, 256])
def test_the_discriminators(reference_folder: Path, side: int) -> None:
    stored = arrays(reference_folder, "attngan_discriminators.npz")
    network = filled(Discriminator(side, 8, 16), stored, f"d{side}/param/")
    code = network(stored[f"d{side}/image"].float())
    verdict = network.judge(code, stored["sent_emb"])
    assert_near(code, stored[f"d{side}/features"])
    assert_near(verdict.conditional.sigmoid(), stored[f"d{side}/cond"])
    assert_near(verdict.unconditional.sigmoid(), stored[f"d{side}/uncond"])


def test_the_matching_losses(reference_folder: Path) -> None:
    stored = arrays(reference_folder, "damsm_losses.npz")
    gamma1, gamma2, gamma3 = stored["gamma"].tolist()
    gammas = {"gamma1": gamma1, "gamma2": gamma2, "gamma3": gamma3}
    features = stored["image_features"], stored["words_emb"], stored["lengths"]
    classes = stored["class_ids"]
    assert_near(torch.stack(word_loss(*features, classes, **gammas)), stored["word_losses"])
    assert_near(
        torch.stack(word_loss(*features, **gammas)), stored["word_losses_without_class_ids"]
    )
    whole = sentence_loss(stored["cnn_code"], stored["sent_emb"], classes, gamma3=gamma3)
    assert_near(torch.stack(whole), stored["sent_losses"])


def test_names_and_shapes_of_the_released_networks(reference_folder: Path) -> None:
    expected: dict[str, dict[str, tuple[int, ...]]] = {}
    for line in (reference_folder / "attngan_coco_parameters.txt").read_text().splitlines():
        if line.startswith("# "):
            part = expected.setdefault(line[2:], {})
        else:
            name, shape = line.split(" ", 1)
            part[name] = ast.literal_eval(shape)
    config = replace(AttnGanConfig.official(), words=12)
    with torch.device("meta"):
        networks: dict[str, nn.Module] = {
            "text_encoder": TextEncoder(config.vocabulary, config.embedding, config.text),
            "generator": AttnGanGenerator(config),
        }
        for stage, network in enumerate(discriminators(config)):
            networks[f"discriminator{64 << stage}"] = network
    found = {
        part: {name: tuple(value.shape) for name, value in network.state_dict().items()}
        for part, network in networks.items()
    }
    assert found == expected
