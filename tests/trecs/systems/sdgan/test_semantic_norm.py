"""The norms against the paper's equations, worked out place by place."""

import pytest
import torch
from torch import Tensor, nn

from trecs.systems.sdgan.semantic_norm import SentenceNorm, WordNorm

CHANNELS, TEXT = 3, 5


@pytest.fixture
def x() -> Tensor:
    torch.manual_seed(0)
    return 2 + 3 * torch.randn(2, CHANNELS, 2, 2)


def normalised(x: Tensor) -> Tensor:
    """Maps whose every channel has mean 0 and variance 1 over the batch."""
    mean = x.mean((0, 2, 3), keepdim=True)
    variance = (x - mean).square().mean((0, 2, 3), keepdim=True)
    return (x - mean) / (variance + 1e-5).sqrt()


def with_own_scale(norm: SentenceNorm | WordNorm) -> None:
    with torch.no_grad():
        norm.gamma.copy_(torch.tensor([0.5, 1.0, 2.0]))
        norm.beta.copy_(torch.tensor([1.0, 0.0, -1.0]))


@torch.no_grad()
def test_a_sentence_changes_each_channel_everywhere_alike(x: Tensor) -> None:
    norm, sentence = SentenceNorm(CHANNELS, TEXT, 4), torch.randn(2, TEXT)
    with_own_scale(norm)
    found, normal = norm(x, sentence), normalised(x)
    for n in range(2):
        gamma_c, beta_c = (net(sentence[n]) for net in (norm.gamma_net, norm.beta_net))
        for c in range(CHANNELS):
            expected = (norm.gamma[c] + gamma_c[c]) * normal[n, c] + norm.beta[c] + beta_c[c]
            torch.testing.assert_close(found[n, c], expected)


@torch.no_grad()
def test_words_change_each_place_by_what_it_finds_in_them(x: Tensor) -> None:
    """Word by word and place by place; the first caption has two words."""
    norm, words = WordNorm(CHANNELS, TEXT), torch.randn(2, TEXT, 3)
    with_own_scale(norm)
    padding = torch.tensor([[False, False, True], [False, False, False]])
    (found, shares), normal = norm(x, words, padding), normalised(x)
    f = norm.embedding.conv_context.weight.flatten(1)
    for n in range(2):
        projected = [f @ words[n, :, t] for t in range(3) if not padding[n, t]]
        for place in range(4):
            at = divmod(place, 2)
            v = normal[n, :, at[0], at[1]]
            likeness = torch.stack([(v @ one).exp() for one in projected])
            share = likeness / likeness.sum()
            vse = torch.stack([s * one for s, one in zip(share, projected, strict=True)]).sum(0)
            gamma_c, beta_c = (
                layer(vse[:, None, None])[:, 0, 0] for layer in (norm.gamma_map, norm.beta_map)
            )
            expected = (norm.gamma + gamma_c) * v + norm.beta + beta_c
            torch.testing.assert_close(found[n, :, at[0], at[1]], expected)
            torch.testing.assert_close(shares[n, : len(projected), at[0], at[1]], share)
    assert (shares[0, 2] == 0).all()


@torch.no_grad()
def test_sentences_that_are_near_each_other_change_it_apart_from_the_start() -> None:
    torch.manual_seed(0)
    sentences = 1 + 0.01 * torch.randn(50, TEXT)
    norm = SentenceNorm(CHANNELS, TEXT, TEXT)
    spread = norm.gamma_net(sentences).std(0)
    norm.begin_apart(sentences)
    hidden = norm.gamma_net[0]
    assert isinstance(hidden, nn.Linear)
    torch.testing.assert_close(
        hidden(sentences).std(0, correction=0), torch.ones(TEXT), rtol=1e-2, atol=0
    )
    assert (norm.gamma_net(sentences).std(0) > 5 * spread).all()
