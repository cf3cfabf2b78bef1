"""SPADE once more, in plain functions after the authors' description, against our class.

The reference picture is saturated (every pixel is -1 or 1) and so tells little of the numbers
before the tanh; here they are compared themselves.
"""

from pathlib import Path

import numpy as np
import pytest
import torch
from torch import Tensor
from torch.nn import functional as F

from segmentation.canvas import Canvas
from trecs.synthesis.condition import Condition
from trecs.synthesis.spade import SpadeConfig, SpadeGenerator, fold_spectral_norm

State = dict[str, Tensor]


def planes(canvas: Canvas) -> Tensor:
    """One-hot labels, unlabeled, and edges: (1, 184, H, W)."""
    labels, instances = canvas.label_map.astype(int), canvas.instance_map
    labels[labels == 255] = 182
    edges = np.zeros(labels.shape, bool)
    for axis in (0, 1):
        for step in (1, -1):
            differs = np.roll(instances, step, axis) != instances
            border = [slice(None)] * 2
            border[axis] = slice(0, 1) if step == 1 else slice(-1, None)
            differs[tuple(border)] = False
            edges |= differs
    return torch.from_numpy(
        np.concatenate([np.eye(183)[labels], edges[..., None]], 2).transpose(2, 0, 1)[None]
    ).float()


def conv(p: State, name: str, x: Tensor) -> Tensor:
    """A convolution; its weight is divided by u' W v where it is spectrally normalised."""
    weight = p.get(f"{name}.weight")
    if weight is None:
        weight = p[f"{name}.weight_orig"]
        u, v = p[f"{name}.weight_u"], p[f"{name}.weight_v"]
        weight = weight / (u @ weight.flatten(1) @ v)
    return F.conv2d(x, weight, p.get(f"{name}.bias"), padding=weight.shape[-1] // 2)


def spade(p: State, name: str, x: Tensor, canvas: Tensor) -> Tensor:
    """Equation 1: normalised by running statistics, scaled and shifted by the canvas."""
    mean = p[f"{name}.param_free_norm.running_mean"][:, None, None]
    variance = p[f"{name}.param_free_norm.running_var"][:, None, None]
    hidden = conv(p, f"{name}.mlp_shared.0", F.interpolate(canvas, x.shape[2:])).relu()
    gamma, beta = (conv(p, f"{name}.mlp_{which}", hidden) for which in ("gamma", "beta"))
    return (x - mean) / (variance + 1e-5).sqrt() * (1 + gamma) + beta


def block(p: State, name: str, x: Tensor, canvas: Tensor) -> Tensor:
    """Figure 4, left."""
    y = conv(p, f"{name}.conv_0", F.leaky_relu(spade(p, f"{name}.norm_0", x, canvas), 0.2))
    y = conv(p, f"{name}.conv_1", F.leaky_relu(spade(p, f"{name}.norm_1", y, canvas), 0.2))
    if f"{name}.conv_s.weight_orig" in p:
        x = conv(p, f"{name}.conv_s", spade(p, f"{name}.norm_s", x, canvas))
    return x + y


def before_tanh(p: State, canvas: Tensor) -> Tensor:
    """The whole generator but its last function."""
    height, width = canvas.shape[2:]
    x = conv(p, "fc", F.interpolate(canvas, (height // 32, width // 32)))
    x = block(p, "head_0", x, canvas)
    x = block(p, "G_middle_0", F.interpolate(x, scale_factor=2), canvas)
    x = block(p, "G_middle_1", x, canvas)
    for name in ("up_0", "up_1", "up_2", "up_3"):
        x = block(p, name, F.interpolate(x, scale_factor=2), canvas)
    return conv(p, "conv_img", F.leaky_relu(x, 0.2))


def ours_before_tanh(network: SpadeGenerator, canvas: Canvas) -> Tensor:
    seen: list[Tensor] = []
    network.conv_img.register_forward_hook(lambda module, inputs, output: seen.append(output))
    with torch.no_grad():
        network(Condition.of(canvas), network.draw_noise(1, *canvas.label_map.shape))
    return seen[0]


@pytest.mark.parametrize("folded", [False, True])
def test_random_weights_that_do_not_saturate(folded: bool) -> None:
    torch.manual_seed(1)
    network = SpadeGenerator(SpadeConfig.official(ngf=1)).train()
    rng = np.random.default_rng(0)
    labels = np.kron(rng.integers(0, 182, (4, 6)), np.ones((16, 16))).astype(np.uint8)
    labels[:9, :20] = 255
    canvas = Canvas(labels, np.kron(rng.integers(0, 3, (8, 12)), np.ones((8, 8), np.int32)))
    with torch.no_grad():  # moves the running statistics and the spectral norms off their start
        network(Condition.of(canvas), network.draw_noise(1, *labels.shape))
    state = {name: value.clone() for name, value in network.eval().state_dict().items()}
    if folded:
        fold_spectral_norm(network)
    expected = before_tanh(state, planes(canvas))
    assert expected.abs().max() < 2
    assert expected.std() > 0.02
    torch.testing.assert_close(ours_before_tanh(network, canvas), expected, rtol=1e-4, atol=1e-5)


@pytest.mark.real_data
def test_the_reference_weights_before_the_tanh(reference_folder: Path) -> None:
    arrays = np.load(reference_folder / "spade_ngf4.npz")
    state = {
        name.removeprefix("param/"): torch.from_numpy(np.asarray(arrays[name])).float()
        for name in arrays.files
        if name.startswith("param/")
    }
    network = SpadeGenerator(SpadeConfig.official(ngf=4)).eval()
    network.load_state_dict(state)
    part = (slice(64, 128), slice(96, 192))
    canvas = Canvas(arrays["label_map"][part], arrays["instance_map"][part].astype(np.int32))
    assert len(np.unique(canvas.label_map)) > 2
    expected = before_tanh(state, planes(canvas))
    scale = expected.abs().max().item()
    torch.testing.assert_close(
        ours_before_tanh(network, canvas), expected, rtol=1e-4, atol=1e-5 * scale
    )
