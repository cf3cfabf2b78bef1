from itertools import pairwise
from pathlib import Path

import pytest
import torch
from torch import nn

from files.errors import InputError
from trecs.trunks.vgg import GROUPS, VggFeatures


def state(prefix: str) -> dict[str, torch.Tensor]:
    torch.manual_seed(0)
    pairs = [pair for group in GROUPS for pair in pairwise(group)]
    convs = [nn.Conv2d(i, o, 3) for i, o in pairs]
    return {f"{prefix}.{n}.{k}": v for n, c in enumerate(convs) for k, v in c.state_dict().items()}


@pytest.mark.parametrize("prefix", ["features", "net.slice"])
def test_reads_any_vgg_by_the_order_of_its_convolutions(tmp_path: Path, prefix: str):
    torch.save(state(prefix), tmp_path / "vgg.pth")
    network = VggFeatures.load(tmp_path / "vgg.pth")
    shapes = [tuple(f.shape) for f in network(torch.zeros(1, 3, 32, 32))]
    assert shapes == [(1, 64, 32, 32), (1, 128, 16, 16), (1, 256, 8, 8), (1, 512, 4, 4)]
    first = network.state_dict()["groups.0.0.weight"]
    assert torch.equal(first, state(prefix)[f"{prefix}.0.weight"])
    assert not any(p.requires_grad for p in network.parameters())


@pytest.mark.parametrize("content", [b"", b"not weights"])
def test_other_files_are_refused(tmp_path: Path, content: bytes):
    (tmp_path / "vgg.pth").write_bytes(content)
    with pytest.raises(InputError, match="no usable VGG-16"):
        VggFeatures.load(tmp_path / "vgg.pth")
    with pytest.raises(InputError, match="no usable VGG-16"):
        VggFeatures.load(tmp_path / "missing.pth")


def test_too_few_layers_are_refused(tmp_path: Path):
    few = dict(list(state("features").items())[:4])
    torch.save(few, tmp_path / "vgg.pth")
    with pytest.raises(InputError, match="only 2 convolutions"):
        VggFeatures.load(tmp_path / "vgg.pth")
