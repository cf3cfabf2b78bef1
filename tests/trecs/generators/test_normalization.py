import numpy as np
import torch

from segmentation.canvas import Canvas
from trecs.generators.appearance import COMPONENTS, NUMBERS, SUMMARY, TYPICAL, Appearance, Looks
from trecs.generators.condition import Condition
from trecs.generators.normalization import (
    LOOKS,
    ClassAdaptiveNorm,
    LabelPlanes,
    Regions,
    SpatiallyAdaptiveNorm,
)


def condition() -> Condition:
    labels = np.array([[3, 3, 120, 120], [3, 3, 255, 255]], np.uint8)
    instances = np.array([[1, 2, 0, 0], [1, 2, 0, 0]], np.int32)
    return Condition.of(Canvas(labels, instances))


def test_planes_are_one_hot_with_edges_last():
    planes = LabelPlanes(condition()).planes
    assert planes.shape == (1, 184, 2, 4)
    assert planes[0, :183].sum(0).eq(1).all()
    assert planes[0, 3].tolist() == [[1, 1, 0, 0], [1, 1, 0, 0]]
    assert planes[0, 182].tolist() == [[0, 0, 0, 0], [0, 0, 1, 1]]
    assert planes[0, 183].tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_regions_are_instances_of_labels():
    noise = torch.randn(1, 65, 2)
    regions = Regions.of(condition(), noise)
    assert sorted(regions.labels.tolist()) == [3, 3, 120, 182]
    pixels = regions.labels[regions.index[0] // 2]
    assert pixels.tolist() == condition().labels[0].tolist()
    assert (regions.index[0] % 2).tolist() == [[1, 1, 1, 0], [1, 1, 1, 0]]


def test_regions_share_the_pictures_noise():
    noise = torch.zeros(1, 65, 2)
    noise[:, 0] = 1
    assert torch.allclose(Regions.of(condition(), noise).noise, torch.tensor(0.5).sqrt())


def test_looks_are_drawn_for_the_label_or_given():
    appearance = Appearance()
    appearance.factors.zero_()
    appearance.factors[3, :3, 0] = 1.0  # brighter in all three colours
    noise = torch.zeros(1, 65, COMPONENTS + 1)
    noise[:, 0] = 1.0
    drawn = Regions.of(condition(), noise, appearance)
    thing = drawn.labels == 3
    shared = 0.5**0.5
    assert drawn.noise.shape == (4, SUMMARY + 1)
    torch.testing.assert_close(drawn.noise[thing, 0], torch.full((2,), shared * LOOKS * TYPICAL))
    assert drawn.noise[~thing, 0].tolist() == [0, 0]
    torch.testing.assert_close(drawn.noise[:, SUMMARY], torch.full((4,), shared))
    painted = drawn.painted()
    assert painted.shape == (1, 3, 2, 4)
    torch.testing.assert_close(painted[0, :, 0, 0], torch.full((3,), shared * TYPICAL))
    assert painted[0, :, 0, 3].tolist() == [0, 0, 0]

    values = torch.zeros(3, NUMBERS)
    values[1, :3] = 0.5
    index = (condition().labels == 3).long()
    given = Regions.of(condition(), noise, appearance, Looks(values, index))
    assert given.noise[thing, 0].tolist() == [0.5 * LOOKS] * 2
    assert given.painted()[0, 0].tolist() == [[0.5, 0.5, 0, 0]] * 2


def test_a_placed_norm_tells_top_from_bottom():
    norm = ClassAdaptiveNorm(1, noise=2, placed=True).eval()
    with torch.no_grad():
        for weight in (norm.table.weight, norm.from_noise.weight):
            weight.zero_()
        norm.place.weight[3, 0] = 1.0  # down, of the one channel
    out = norm(torch.zeros(1, 1, 2, 4), Regions.of(condition(), torch.zeros(1, 65, 2)))
    assert out[0, 0].tolist() == [[-0.5, -0.5, 0, 0], [0.5, 0.5, 0, 0]]


def test_class_adaptive_norm_is_a_look_up():
    norm = ClassAdaptiveNorm(3, noise=2).eval()
    with torch.no_grad():
        norm.table.weight[3, :3], norm.table.weight[3, 3:] = 0.5, 2.0  # gamma, beta
        norm.from_noise.weight.zero_()
        norm.edge.copy_(torch.tensor([0, 0, 0, 1.0, 1.0, 1.0]))
        norm.norm.running_mean.fill_(0.25)
        norm.norm.running_var.fill_(4.0)
    x = torch.ones(1, 3, 2, 4)
    out = norm(x, Regions.of(condition(), torch.zeros(1, 65, 2)))
    # Every pixel of label 3 is an edge.
    expected = 1.5 * (1 - 0.25) / (4 + norm.norm.eps) ** 0.5 + 2.0 + 1.0
    torch.testing.assert_close(out[0, :, :, :2], torch.full((3, 2, 2), expected))


def test_spatially_adaptive_norm_modulates():
    norm = SpatiallyAdaptiveNorm(3).eval()
    with torch.no_grad():
        for conv in (norm.mlp_gamma, norm.mlp_beta):
            conv.weight.zero_()
        norm.mlp_gamma.bias.fill_(1.0)
        norm.mlp_beta.bias.fill_(0.25)
    out = norm(torch.ones(1, 3, 2, 4), LabelPlanes(condition()))
    torch.testing.assert_close(out, torch.full((1, 3, 2, 4), 2.25), atol=1e-4, rtol=0)
