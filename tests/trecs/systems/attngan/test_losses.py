"""Losses against numbers worked out by hand."""

from math import exp, log, sqrt

import pytest
import torch
from torch import Tensor

from trecs.learning.judge import Verdict, discriminator_loss
from trecs.systems.attngan.losses import generator_loss
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.matching_losses import sentence_loss, word_loss, word_score

HALF = 1 / sqrt(2)


def entropy(*scores: float) -> float:
    """Of the first among scores."""
    return -log(exp(scores[0]) / sum(map(exp, scores)))


def numbers(losses: tuple[Tensor, ...]) -> list[float]:
    return [loss.item() for loss in losses]


def test_a_score_of_two_words_and_two_places() -> None:
    places = torch.eye(2)[None]  # (1, 0) and (0, 1)
    # Each word is its own place's: of that place's shares it has 1 / (1 + 1/e), of the other's
    # the rest; over places these become `own` and 1 - own.
    share = 1 / (1 + exp(-1))
    own = 1 / (1 + exp(-4 * (2 * share - 1)))
    relevance = own / sqrt(own**2 + (1 - own) ** 2)
    score = word_score(places, torch.eye(2), gamma1=4, gamma2=3)
    assert score.tolist() == pytest.approx([3 * relevance + log(2)])


def test_matching_words_of_two_pictures() -> None:
    # With one word a caption, the attention is even and a picture is the mean of its places.
    regions = torch.tensor([[[2.0, 0], [1, -1]], [[-1, 1], [0, 2]]])[..., None]  # (1, 0), (0, 1)
    words = torch.tensor([[[1.0, 7], [0, 7]], [[1, 7], [1, 7]]])  # (1, 0), (1, 1), then padding
    losses = word_loss(regions, words, torch.tensor([1, 1]), gamma2=1, gamma3=2)
    pictures = (entropy(2, 2 * HALF) + entropy(2 * HALF, 0)) / 2
    captions = (entropy(2, 0) + entropy(2 * HALF, 2 * HALF)) / 2
    assert numbers(losses) == pytest.approx([pictures, captions])


def test_matching_sentences_of_two_pictures() -> None:
    pictures, sentences = torch.tensor([[3.0, 0], [0, 0.1]]), torch.tensor([[2.0, 0], [5, 5]])
    losses = sentence_loss(pictures, sentences, gamma3=2)
    first = (entropy(2, 2 * HALF) + entropy(2 * HALF, 0)) / 2
    second = (entropy(2, 0) + entropy(2 * HALF, 2 * HALF)) / 2
    assert numbers(losses) == pytest.approx([first, second])


def test_pictures_of_the_same_class_do_not_count() -> None:
    pictures = torch.randn(3, 4, generator=torch.Generator().manual_seed(0))
    alike = sentence_loss(pictures, pictures, torch.tensor([7, 7, 7]))
    assert numbers(alike) == [0, 0]
    pair = sentence_loss(pictures, pictures, torch.tensor([7, 8, 7]))
    # Picture 0 meets caption 1 alone, picture 2 too; picture 1 meets both.
    cosine = torch.nn.functional.cosine_similarity(pictures[:, None], pictures[None], dim=2)
    middle = entropy(*(10 * cosine[1, [1, 0, 2]]).tolist())
    first = entropy(*(10 * cosine[0, [0, 1]]).tolist())
    last = entropy(*(10 * cosine[2, [2, 1]]).tolist())
    assert numbers(pair)[0] == pytest.approx((first + middle + last) / 3, rel=1e-4)


def test_padding_does_not_count() -> None:
    generator = torch.Generator().manual_seed(0)
    regions = torch.randn(2, 4, 3, 3, generator=generator)
    words = torch.randn(2, 4, 5, generator=generator)
    lengths = torch.tensor([5, 2])
    losses = word_loss(regions, words, lengths)
    words[1, :, 2:] = 99
    assert numbers(word_loss(regions, words, lengths)) == numbers(losses)


def test_divergence() -> None:
    mean, log_variance = torch.tensor([[1.0, 0]]), torch.tensor([[0.0, log(2)]])
    assert kl_loss(mean, log_variance).item() == pytest.approx((1 + 1 - log(2)) / 4)
    assert kl_loss(torch.zeros(2, 3), torch.zeros(2, 3)).item() == 0


def softplus(x: float) -> float:
    return log(1 + exp(x))


def test_discriminators_tell_three_kinds_of_wrong() -> None:
    real = Verdict(torch.tensor([1.0, 1]), torch.tensor([2.0, 2]))
    generated = Verdict(torch.tensor([3.0, 3]), torch.tensor([-1.0, -1]))
    loss = discriminator_loss(real, generated, torch.tensor([0.5]))
    kept = (softplus(-1) + softplus(-2)) / 2
    rejected = (softplus(3) + softplus(-1) + softplus(0.5)) / 3
    assert loss.item() == pytest.approx(kept + rejected)


def test_the_generators_loss_is_a_sum() -> None:
    verdicts = [Verdict(torch.tensor([x]), torch.tensor([x / 2])) for x in (1.0, -2.0)]
    matching, divergence = [torch.tensor(0.25), torch.tensor(0.5)], torch.tensor(3.0)
    adversarial = sum(softplus(-x) for x in (1, 0.5, -2, -1))
    loss = generator_loss(verdicts, matching, divergence, weight=5)
    assert loss.item() == pytest.approx(adversarial + 5 * 0.75 + 3)
