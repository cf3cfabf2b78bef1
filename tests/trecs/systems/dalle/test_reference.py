"""DALL-E's VAE against the authors' network, the transformer against lucidrains'."""

import pytest
import torch
from torch import Tensor
from torch.nn import functional

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.systems.dalle.config import DalleConfig, DvaeConfig
from trecs.systems.dalle.dvae import Decoder, Encoder, mapped, unmapped
from trecs.systems.dalle.losses import divergence, gumbel_softmax, logit_laplace_loss, token_loss
from trecs.systems.dalle.network import Foretelling
from trecs.systems.dalle.transformer import Transformer

pytestmark = pytest.mark.real_data
VAE = DvaeConfig(codes=32, looking=8, hidden=8, first=8, blocks=2)
SPARSE = ("full", "row", "column", "convolution")
NAMES = {
    "scale": "0.scale",
    "norm.weight": "0.fn.norm.weight",
    "norm.bias": "0.fn.norm.bias",
    "attention.asked.weight": "0.fn.fn.fn.to_qkv.weight",
    "attention.out.weight": "0.fn.fn.fn.to_out.0.weight",
    "attention.out.bias": "0.fn.fn.fn.to_out.0.bias",
    "fed_scale": "1.scale",
    "fed_norm.weight": "1.fn.norm.weight",
    "fed_norm.bias": "1.fn.norm.bias",
    "fed.both.weight": "1.fn.fn.net.0.weight",
    "fed.both.bias": "1.fn.fn.net.0.bias",
    "fed.out.weight": "1.fn.fn.net.3.weight",
    "fed.out.bias": "1.fn.fn.net.3.bias",
}
"""What lucidrains calls a layer's parameters."""


def test_pictures_become_tokens_and_tokens_pictures() -> None:
    stored = reference("dalle_dvae.npz")
    encoder = filled(Encoder(VAE), stored, "encoder/param/")
    decoder = filled(Decoder(VAE), stored, "decoder/param/")
    pictures = mapped(stored["image"] * 2 - 1)
    assert_near(pictures, stored["mapped"])
    assert_near(encoder(pictures), stored["logits"])
    assert torch.equal(encoder.tokens(pictures), stored["tokens"])
    hard = functional.one_hot(stored["tokens"], 32).permute(0, 3, 1, 2).float()
    assert_near(decoder(hard), stored["decoded_hard"])
    assert_near(unmapped(stored["decoded_hard"]) / 2 + 0.5, stored["reconstruction_hard"])
    assert_near(decoder.pictures(stored["tokens"]) / 2 + 0.5, stored["reconstruction_hard"])


def test_relaxed_codes_and_losses() -> None:
    stored = reference("dalle_dvae.npz")
    decoder = filled(Decoder(VAE), stored, "decoder/param/")
    noise, temperature = stored["gumbel_noise"], stored["temperature"].item()
    relaxed = gumbel_softmax(stored["logits"], noise, temperature)
    assert_near(relaxed, stored["gumbel_softmax"])
    assert_near(decoder(relaxed), stored["decoded_gumbel"])
    loss = logit_laplace_loss(stored["decoded_gumbel"], stored["mapped"])
    assert_near(loss, stored["logit_laplace_nll"])
    assert_near(divergence(stored["logits"]), stored["kl_to_uniform"])


def test_the_released_vae_has_these_names_and_shapes() -> None:
    """At the published size, so that the authors' weights load by name."""
    path = FOLDER / "dalle_dvae_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    told = [line for line in path.read_text().splitlines() if line and not line.startswith("#")]
    with torch.device("meta"):
        networks = Encoder(DvaeConfig.official()), Decoder(DvaeConfig.official())
    found = [
        f"{name} {tuple(tensor.shape)}"
        for network in networks
        for name, tensor in network.state_dict().items()
    ]
    assert found == told


@pytest.mark.parametrize(("name", "kinds"), [("full", ("full",) * 4), ("sparse", SPARSE)])
def test_words_and_tokens_are_foretold(name: str, kinds: tuple[str, ...]) -> None:
    stored = reference("dalle_transformer.npz")
    config = DalleConfig(20, words=6, codes=12, side=32, width=16, heads=2, inner=64,
                         attention=kinds, kernel=5)  # fmt: skip
    foretelling = Foretelling(Transformer(config))
    foretelling.load_state_dict(of_lucidrains(stored, f"{name}/param/"))
    texts = [tuple(word for word in text if word) for text in stored["text"].tolist()]
    said, drawn = foretelling.transformer.padded(texts), stored["vae_tokens"]
    words, tokens = foretelling(said, drawn)
    logits = stored[f"{name}_logits"]
    assert_near(words, logits[:, :6, :26])
    assert_near(tokens, logits[:, 6:, 26:])
    assert_near(token_loss(words, said, tokens, drawn), stored[f"{name}_loss"])


def of_lucidrains(stored: dict[str, Tensor], prefix: str) -> dict[str, Tensor]:
    """Our names for lucidrains' parameters, whose one head has words before tokens."""

    def at(name: str) -> Tensor:
        return stored[prefix + name].float()

    layers = {
        f"layers.{number}.{ours}": at(f"transformer.layers.layers.{number}.{theirs}")
        for number in range(4)
        for ours, theirs in NAMES.items()
    }
    transformer = {
        **{name: value.flatten() if "scale" in name else value for name, value in layers.items()},
        "words.weight": at("text_emb.weight"),
        "word_places.weight": at("text_pos_emb.weight"),
        "tokens.weight": at("image_emb.weight"),
        "rows": at("image_pos_emb.weights.0")[0],
        "columns": at("image_pos_emb.weights.1")[0],
        "norm.weight": at("to_logits.0.weight"),
        "norm.bias": at("to_logits.0.bias"),
        "head.weight": at("to_logits.1.weight")[26:],
        "head.bias": at("to_logits.1.bias")[26:],
    }  # fmt: skip
    return {
        **{f"transformer.{name}": tensor for name, tensor in transformer.items()},
        "head.weight": at("to_logits.1.weight")[:26],
        "head.bias": at("to_logits.1.bias")[:26],
    }
