import pytest
import torch

from trecs.systems.dalle.codes import begin_codes, clustered
from trecs.systems.dalle.config import DvaeConfig
from trecs.systems.dalle.dvae import Decoder, Encoder


def test_centres_are_those_of_clusters() -> None:
    """Two of 100 points each, of deviation 0.1, far from each other."""
    torch.manual_seed(0)
    middles = torch.tensor([[0.0, 0], [10, 0]])
    points = (middles[:, None] + 0.1 * torch.randn(2, 100, 2)).flatten(0, 1)
    centres, distance = clustered(points, 2)
    assert torch.cdist(middles, centres).amin(1).max() < 0.05
    assert distance == pytest.approx(2 * 0.1**2, rel=0.2)


def test_there_may_be_more_centres_than_points() -> None:
    centres, distance = clustered(torch.tensor([[0.0], [1.0]]), 5)
    assert sorted(centres.flatten().tolist())[::4] == [0, 1]
    assert distance == pytest.approx(0, abs=1e-6)


@torch.no_grad()
def test_codes_begin_as_what_places_hold() -> None:
    """What the decoder begins with is nearly what it was; the logits tell the nearest centre."""
    torch.manual_seed(0)
    config = DvaeConfig(codes=40, looking=4, hidden=4, first=3)
    encoder, decoder = Encoder(config), Decoder(config)
    pictures = torch.rand(16, 3, 16, 16) * 0.8 + 0.1  # of 64 places
    first = decoder.get_submodule("blocks.input")
    before = first(encoder(pictures))
    begin_codes(encoder, decoder, pictures)
    tokens = encoder.tokens(pictures)
    assert len(tokens.unique()) > 30
    shares = torch.nn.functional.one_hot(tokens, 40).permute(0, 3, 1, 2).float()
    after = first(shares)
    assert (after - before).square().mean() < 0.1 * before.var((0, 2, 3)).mean()
    centres = first.get_parameter("w")[:, :, 0, 0].T + first.get_parameter("b")
    places = before.movedim(1, 3).flatten(0, 2)
    assert torch.equal(torch.cdist(places, centres).argmin(1), tokens.flatten())
