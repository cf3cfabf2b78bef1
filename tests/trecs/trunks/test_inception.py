from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from trecs.trunks.inception import SIDE, InceptionV3, _enlarged

FEATURES = [0.0, 3.12291, 4.80011, 0.0008, 1.46547, 0.0]
MEAN, CLASS, PROBABILITY = 1.473891, 941, 0.238228
"""What torch-fidelity 0.4.0 sees in `picture` with the weights of `filled`."""


def filled() -> InceptionV3:
    """Weights that any program can make: normal numbers by the place of the tensor's name."""
    network = InceptionV3().eval().requires_grad_(False)
    for i, (name, tensor) in enumerate(sorted(network.state_dict().items())):
        if tensor.is_floating_point():
            noise = torch.from_numpy(np.random.default_rng(i).normal(size=tuple(tensor.shape)))
            if name.endswith(("running_var", "bn.weight")):
                tensor.copy_(1 + 0.2 * noise.clamp(-2, 2))
            elif tensor.ndim > 1:
                tensor.copy_(noise * (2 / tensor[0].numel()) ** 0.5)
            else:
                tensor.copy_(0.1 * noise)
    return network


def picture() -> np.ndarray:
    rows, columns = np.mgrid[:64, :48]
    return np.stack([rows * 4, columns * 5, (rows * columns) % 256], -1).astype(np.uint8)


def test_agrees_with_torch_fidelity():
    features, probabilities = filled().look(picture()[None])
    assert features[0, :1200:200] == pytest.approx(FEATURES, rel=1e-3)
    assert features.mean() == pytest.approx(MEAN, rel=1e-4)
    assert int(probabilities.argmax()) == CLASS
    assert probabilities.max() == pytest.approx(PROBABILITY, rel=1e-3)


def test_enlarges_as_tensorflow_1_did():
    x = torch.arange(2.0).view(1, 1, 1, 2) * SIDE
    # Pixel i comes from 2 i / 299: the first half goes up evenly, the second stays.
    row = _enlarged(x)[0, 0, 0]
    assert row[:150].tolist() == pytest.approx([2 * i for i in range(150)], abs=1e-3)
    assert (row[150:] == SIDE).all()


def test_has_the_published_names():
    names = InceptionV3().state_dict()
    assert names["Mixed_7c.branch3x3dbl_3b.conv.weight"].shape == (384, 384, 3, 1)
    assert names["Mixed_6c.branch7x7dbl_4.bn.running_var"].shape == (160,)
    assert names["fc.weight"].shape == (1008, 2048)


def test_other_weights_are_refused(tmp_path: Path):
    torch.save({"fc.weight": torch.zeros(3)}, tmp_path / "weights.pth")
    with pytest.raises(InputError, match="not the weights of Inception-v3"):
        InceptionV3.load(tmp_path / "weights.pth")
    with pytest.raises(InputError, match="cannot be read"):
        InceptionV3.load(tmp_path / "nowhere.pth")
