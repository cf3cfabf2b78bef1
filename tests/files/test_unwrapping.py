"""State dicts in the wrappings that people have them in."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import save_file
from torch import Tensor, nn
from torch.nn.utils import remove_spectral_norm, spectral_norm
from torch.nn.utils.parametrizations import spectral_norm as newer_spectral_norm

from files.errors import InputError
from files.identifying import identified
from files.released import fitted, read_state

NET = {"fc.weight": torch.arange(6.0).reshape(2, 3), "fc.bias": torch.ones(2)}
OTHER = {"conv.weight": torch.ones(9, 9)}
OPTIMIZER = {"state": {0: {"exp_avg": torch.ones(2, 3)}}, "param_groups": [{"lr": 0.1}]}
WRAPPED: dict[str, Any] = {
    "as it is": NET,
    "state_dict": {"state_dict": NET, "epoch": 3},
    "netG": {"netG": NET},
    "three levels": {"checkpoint": {"model": {"netG": NET}}, "optimizer": OPTIMIZER},
    "module.": {f"module.{name}": tensor for name, tensor in NET.items()},
    "compiled": {"model": {f"_orig_mod.module.{name}": tensor for name, tensor in NET.items()}},
    "a trainer's prefix": {"state_dict": {f"netG.{name}": tensor for name, tensor in NET.items()}},
    "beside a judge": {"netG": NET, "netD": OTHER, "optimizer_G": OPTIMIZER},
    "beside a judge, by names": {
        "state_dict": {
            **{f"generator.{name}": tensor for name, tensor in NET.items()},
            **{f"judge.{name}": tensor for name, tensor in OTHER.items()},
        }
    },
    "a step beside it": {"step": torch.tensor(3), "model": NET},
    "numbers among it": {**NET, "epoch": 3, "_metadata": None},
}


@pytest.mark.parametrize("record", WRAPPED.values(), ids=WRAPPED.keys())
def test_the_network_is_found(record: Any, tmp_path: Path) -> None:
    torch.save(record, tmp_path / "net.pth")
    found = read_state(tmp_path / "net.pth", ("fc.bias",))
    assert found.keys() == NET.keys()
    assert all(torch.equal(found[name], NET[name]) for name in NET)


def test_safetensors_are_read_too(tmp_path: Path) -> None:
    save_file({f"module.{name}": tensor for name, tensor in NET.items()}, tmp_path / "net.pth")
    assert read_state(tmp_path / "net.pth").keys() == NET.keys()


def test_names_of_a_network_are_no_prefixes(tmp_path: Path) -> None:
    torch.save({"net.weight": torch.ones(1)}, tmp_path / "net.pth")
    assert list(read_state(tmp_path / "net.pth")) == ["net.weight"]


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (OPTIMIZER, "holds an optimizer's state, not that of a network"),
        ({"netG": NET, "netG_ema": NET}, r"several networks that could be meant \(netG, netG_ema"),
        ({"epoch": 3, "optimizer": OPTIMIZER}, "no state dict"),
    ],
)
def test_what_cannot_be_found_is_told(record: Any, message: str, tmp_path: Path) -> None:
    torch.save(record, tmp_path / "net.pth")
    with pytest.raises(InputError, match=message):
        read_state(tmp_path / "net.pth", ("fc.bias",))


def convolutions(normalised: Callable[[nn.Conv2d], nn.Module]) -> nn.Sequential:
    torch.manual_seed(0)
    return nn.Sequential(*(normalised(nn.Conv2d(3, 5, 3)) for _ in range(2)))


def trained(network: nn.Sequential) -> nn.Sequential:
    with torch.no_grad():
        network[0](torch.ones(1, 3, 5, 5))
        network[1](torch.ones(1, 3, 5, 5))
    return network.eval()


OLDER = trained(convolutions(spectral_norm))
NEWER = trained(convolutions(newer_spectral_norm))
FOLDED = nn.Sequential(*(remove_spectral_norm(c) for c in trained(convolutions(spectral_norm))))
FORMS = {"older": OLDER, "newer": NEWER, "folded": FOLDED}


def computed(network: nn.Sequential) -> list[Tensor]:
    """What each convolution in eval mode makes of the same picture."""
    with torch.no_grad():
        return [conv(torch.eye(5).expand(1, 3, 5, 5)) for conv in network]


def loaded(state: dict[str, Tensor], wanted: str) -> nn.Sequential:
    network = convolutions(spectral_norm if wanted == "older" else lambda conv: conv).eval()
    network.load_state_dict(state)
    return network


@pytest.mark.parametrize("given", FORMS)
@pytest.mark.parametrize("wanted", ["older", "folded"])
def test_spectral_norms_become_what_the_network_wants(given: str, wanted: str) -> None:
    expected = FORMS[wanted].state_dict()
    found = fitted(FORMS[given].state_dict(), expected, Path("x"), "a net")
    torch.testing.assert_close(computed(loaded(found, wanted)), computed(FORMS[given]))


def test_spectral_norms_of_before_2018_lack_a_vector() -> None:
    state = {n: t for n, t in OLDER.state_dict().items() if not n.endswith("_v")}
    found = fitted(state, OLDER.state_dict(), Path("x"), "a net")
    assert found["0.weight_v"].shape == (27,)
    assert torch.linalg.vector_norm(found["0.weight_v"]) == pytest.approx(1)


NAMES = {
    "the generator of AttnGAN": ["ca_net.fc.weight", "h_net1.fc.0.weight"],
    "a discriminator of AttnGAN": ["img_code_s16.0.weight", "UNCOND_DNET.outlogits.0.weight"],
    "the image encoder of AttnGAN's DAMSM": ["Mixed_5b.x.weight", "emb_features.weight"],
    "the text encoder of AttnGAN's DAMSM": ["encoder.weight", "rnn.weight_ih_l0"],
    "a discriminator of SPADE or pix2pixHD": ["discriminator_0.model0.0.weight"],
    "SPADE's encoder of a VAE (netE)": ["layer1.0.weight", "fc_mu.weight", "fc_var.weight"],
    "a diffusers UNet": [
        "conv_in.weight",
        "time_embedding.linear_1.weight",
        "down_blocks.0.resnets.0.conv1.weight",
    ],
    "a Stable Diffusion checkpoint": ["model.diffusion_model.input_blocks.0.0.weight"],
    "an autoencoder": ["encoder.down_blocks.0.conv.weight", "decoder.up_blocks.0.conv.weight"],
    "a LoRA": ["unet.down.lora_A.weight"],
    "a CLIP": ["text_model.encoder.layers.0.mlp.fc1.weight"],
    "a ResNet": ["conv1.weight", "layer1.0.conv1.weight"],
    "a VGG": ["features.0.weight", "classifier.0.weight"],
    "a BERT": ["bert.embeddings.word_embeddings.weight", "l.attention.self.query.weight"],
    "a discriminator": ["netD.conv.weight"],
}


@pytest.mark.parametrize("what", NAMES)
def test_what_was_given_instead_is_told(what: str) -> None:
    assert identified(NAMES[what]) == what
    state = {name: torch.ones(1) for name in NAMES[what]}
    with pytest.raises(InputError, match=r"^'x' is not a net: it is ") as caught:
        fitted(state, NET, Path("x"), "a net")
    assert f"it is {what}; 2 missing (" in str(caught.value)


def test_a_network_of_other_sizes_is_not_told_to_be_itself() -> None:
    state = {"ca_net.fc.weight": torch.ones(2)}
    with pytest.raises(InputError, match=r"^'x' is not it: 1 of another shape"):
        fitted(state, {"ca_net.fc.weight": torch.ones(3)}, Path("x"), "it")
    assert identified(["weight"]) is None
