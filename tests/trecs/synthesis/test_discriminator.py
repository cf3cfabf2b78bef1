from dataclasses import replace

import torch

from trecs.synthesis.discriminator import DiscriminatorConfig, SegmentationDiscriminator


def test_names_a_class_for_every_other_pixel():
    network = SegmentationDiscriminator(DiscriminatorConfig.tiny())
    assert network(torch.zeros(2, 3, 32, 48)).shape == (2, 184, 16, 24)


def test_learns_from_both_sides():
    network = SegmentationDiscriminator(DiscriminatorConfig.tiny())
    picture = torch.randn(1, 3, 32, 32, requires_grad=True)
    network(picture).square().mean().backward()
    assert picture.grad is not None
    assert picture.grad.abs().sum() > 0
    assert all(p.grad is not None for p in network.parameters())


def test_reads_a_trunks_features_at_every_level():
    network = SegmentationDiscriminator(replace(DiscriminatorConfig.tiny(), trunk=(5, 6, 7)))
    features = [torch.randn(1, c, s, s, requires_grad=True) for c, s in ((5, 16), (6, 8), (7, 4))]
    network(torch.zeros(1, 3, 32, 32), features).square().mean().backward()
    assert all(f.grad is not None and f.grad.abs().sum() > 0 for f in features)
