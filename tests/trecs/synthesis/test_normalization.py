import numpy as np
import torch

from segmentation.canvas import Canvas
from trecs.synthesis.condition import Condition
from trecs.synthesis.normalization import (
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


def test_instances_stay_apart_whatever_their_numbers():
    numbers = [1, 4097, 65_535, 65_537, 2**31 - 1, 0, 4096, 1]
    labels = np.array([[3, 3, 3, 3, 3, 120, 120, 4]] * 2, np.uint8)
    canvas = Canvas(labels, np.array([numbers] * 2, np.int32))
    regions = Regions.of(Condition.of(canvas, canvas), torch.randn(2, 65, 2))
    assert len(regions.labels) == 2 * 8
    assert len(torch.unique(regions.index // 2)) == 2 * 8
    assert regions.labels[regions.index // 2].tolist() == [labels.tolist()] * 2


def test_the_noise_of_a_region_goes_by_its_label_and_instance():
    noise = torch.arange(65.0)[None, :, None]
    regions = Regions.of(condition(), noise)
    for label, instance in ((3, 1), (3, 2), (120, 0), (182, 0)):
        pixels = (condition().labels == label) & (condition().instances == instance)
        mixed = regions.noise[regions.index[pixels] // 2]
        row = 1 + (label * 4096 + instance) * 2654435761 % 64
        torch.testing.assert_close(mixed, torch.full_like(mixed, row * 0.5**0.5))


def test_regions_share_the_pictures_noise():
    noise = torch.zeros(1, 65, 2)
    noise[:, 0] = 1
    assert torch.allclose(Regions.of(condition(), noise).noise, torch.tensor(0.5).sqrt())


def test_class_adaptive_norm_is_a_look_up():
    norm = ClassAdaptiveNorm(3, noise=2).eval()
    assert norm.from_noise is not None
    with torch.no_grad():
        norm.table.weight[3, :3], norm.table.weight[3, 3:] = 0.5, 2.0  # gamma, beta
        norm.from_noise.weight.zero_()
        norm.edge.copy_(torch.tensor([0, 0, 0, 1.0, 1.0, 1.0]))
        norm.norm.get_buffer("running_mean").fill_(0.25)
        norm.norm.get_buffer("running_var").fill_(4.0)
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
        norm.mlp_gamma.get_parameter("bias").fill_(1.0)
        norm.mlp_beta.get_parameter("bias").fill_(0.25)
    out = norm(torch.ones(1, 3, 2, 4), LabelPlanes(condition()))
    torch.testing.assert_close(out, torch.full((1, 3, 2, 4), 2.25), atol=1e-4, rtol=0)


def test_a_norm_without_noise_looks_up_labels_alone():
    norm = ClassAdaptiveNorm(1, noise=0).eval()
    out = norm(torch.zeros(1, 1, 2, 4), Regions.of(condition(), torch.zeros(1, 65, 0)))
    assert norm.from_noise is None
    assert out[0, 0, 0, 0] == out[0, 0, 1, 1]
    assert out[0, 0, 0, 0] != out[0, 0, 0, 3]
