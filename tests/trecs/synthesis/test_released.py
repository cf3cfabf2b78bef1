"""SPADE's generator in the files that people have of it."""

from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest
import torch
from torch import Tensor

from files.errors import InputError
from trecs.synthesis.generator import Generator
from trecs.synthesis.released import import_spade
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator, fold_spectral_norm

State = dict[str, Tensor]


def network() -> SpadeGenerator:
    torch.manual_seed(0)
    return SpadeGenerator(SpadeConfig.official(ngf=1)).eval()


STATE: State = network().state_dict()
OPTIMIZER = {"state": {0: {"exp_avg": torch.ones(9)}}, "param_groups": []}


def folded() -> State:
    return fold_spectral_norm(network()).state_dict()


WAYS: dict[str, Callable[[], Any]] = {
    "deeper": lambda: {"netG": STATE, "netE": {"fc_mu.weight": torch.ones(2, 2)}},
    "a checkpoint": lambda: {"epoch": 3, "state_dict": STATE, "optimizer": OPTIMIZER},
    "parallel": lambda: {f"module.{name}": tensor for name, tensor in STATE.items()},
    "parallel, deeper": lambda: {"model": {f"module.netG.{n}": t for n, t in STATE.items()}},
    "folded": folded,
}


@pytest.mark.parametrize("way", WAYS)
def test_each_way_gives_the_same_network(way: str, tmp_path: Path) -> None:
    torch.save(WAYS[way](), tmp_path / "latest_net_G.pth")
    import_spade(tmp_path, tmp_path / "out")
    found = Generator.load(tmp_path / "out").network.state_dict()
    expected = folded()
    for name in expected:
        if name in found:
            torch.testing.assert_close(found[name], expected[name], rtol=1e-3, atol=1e-5)
    assert len(found.keys() & expected.keys()) > 50


def with_vae() -> State:
    return {**STATE, "fc.weight": torch.ones(256, 64), "fc.bias": torch.ones(256)}


@pytest.mark.parametrize(
    ("record", "message"),
    [
        (with_vae, r"was trained with a VAE \(--use_vae\)"),
        (lambda: {"netG": with_vae()}, r"was trained with a VAE \(--use_vae\)"),
        (
            lambda: {"fc_mu.weight": torch.ones(2, 2), "fc_var.weight": torch.ones(2, 2)},
            r"not SPADE's .*: it is SPADE's encoder of a VAE \(netE\)",
        ),
        (lambda: {"discriminator_0.model0.0.weight": torch.ones(2)}, "it is a discriminator of SP"),
        (lambda: {"img_code_s16.0.weight": torch.ones(2)}, "it is a discriminator of AttnGAN"),
        (lambda: {"emb_features.weight": torch.ones(2)}, "image encoder of AttnGAN's DAMSM"),
        (lambda: OPTIMIZER, "an optimizer's state"),
    ],
)
def test_what_else_it_is_is_told(record: Callable[[], Any], message: str, tmp_path: Path) -> None:
    torch.save(record(), tmp_path / "latest_net_G.pth")
    with pytest.raises(InputError, match=message):
        import_spade(tmp_path, tmp_path / "out")
