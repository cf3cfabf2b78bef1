"""The word-level judge against the paper's equations, worked out by hand or word by word."""

from math import exp, log

import pytest
import torch

from trecs.systems.controlgan.correlation import (
    GAMMA1,
    GAMMA2,
    WordJudge,
    correlation,
    word_cosines,
    word_importance,
)

PADDING = torch.tensor([[False, False, True], [False, False, False]])


def seen() -> tuple[torch.Tensor, torch.Tensor]:
    """Regions (2, 4, 6) and words (2, 4, 3)."""
    torch.manual_seed(0)
    return torch.randn(2, 4, 6), torch.randn(2, 4, 3)


def test_words_are_held_against_the_regions_that_they_attend_to() -> None:
    """Word by word and region by region, as the paper writes it."""
    places, words = seen()
    found = word_cosines(places, words, PADDING)
    for n in range(2):
        known = [t for t in range(3) if not PADDING[n, t]]
        scores = [[float((words[n, :, t] @ places[n, :, p]).exp()) for t in known]
                  for p in range(6)]  # fmt: skip
        shares = [[score / sum(row) for score in row] for row in scores]
        for at, t in enumerate(known):
            weights = [exp(GAMMA1 * row[at]) for row in shares]
            context = sum(w * places[n, :, p] for p, w in enumerate(weights)) / sum(weights)
            assert isinstance(context, torch.Tensor)
            word = words[n, :, t]
            cosine = context @ word / (context.norm() * word.norm())
            torch.testing.assert_close(found[n, t], cosine)
    assert found[0, 2] == 0


def test_words_near_their_mean_are_important() -> None:
    """Of (3, 0) and (1, 0) the mean is (2, 0): inner products of 6 and 2."""
    words = torch.tensor([[[3.0, 1, 7], [0, 0, 7]]])
    found = word_importance(words, PADDING[:1])
    share = 1 / (1 + exp(2 - 6))
    assert found[0].tolist() == pytest.approx([share, 1 - share, 0])


def test_a_words_term_is_weighed_by_its_importance() -> None:
    cosines, importance = torch.tensor([[0.4, -0.2, 0.9]]), torch.tensor([[0.25, 0.75, 0.0]])
    expected = log(0.25 * exp(GAMMA2 * 0.4) + 0.75 * exp(GAMMA2 * -0.2))
    assert correlation(cosines, importance).item() == pytest.approx(expected)


def test_the_authors_score_believes_nearly_any_caption() -> None:
    """Of 7 words whose cosines are 0, that is of a picture that has nothing to do with them."""
    score = correlation(torch.zeros(1, 7), torch.ones(1, 7)).sigmoid()
    assert score.item() == pytest.approx(7 / 8)
    ours = correlation(torch.zeros(1, 7), torch.full((1, 7), 1 / 7)).sigmoid()
    assert ours.item() == pytest.approx(1 / 2)


def test_the_judge_teaches_pictures_and_learns_itself() -> None:
    """Not so in the authors' code, whose scores have no gradient."""
    torch.manual_seed(0)
    judge, pictures = WordJudge(5, 4), torch.randn(2, 5, 2, 3, requires_grad=True)
    judge(pictures, seen()[1], PADDING).sum().backward()
    assert pictures.grad is not None
    assert (pictures.grad.abs().sum((1, 2, 3)) > 0).all()
    for name, parameter in judge.named_parameters():
        assert parameter.grad is not None, name
        assert parameter.grad.abs().sum() > 0, name


def test_padding_changes_no_logit() -> None:
    torch.manual_seed(0)
    judge, words = WordJudge(5, 4), seen()[1]
    pictures = torch.randn(2, 5, 2, 3)
    before = judge(pictures, words, PADDING)
    words[0, :, 2] += 5
    torch.testing.assert_close(judge(pictures, words, PADDING), before)
    alone = judge(pictures[:1], words[:1, :, :2], PADDING[:1, :2])
    torch.testing.assert_close(alone, before[:1])


def test_a_judge_learns_which_words_are_in_a_picture() -> None:
    """Eight pictures, each with a region of its own word, which a perception layer must find."""
    torch.manual_seed(0)
    words, mixing = torch.randn(8, 6, 2), torch.randn(5, 6)
    pictures = torch.einsum("cd,bdt->bct", mixing, words)[..., None]
    padding = torch.zeros(8, 2, dtype=torch.bool)
    judge = WordJudge(5, 6)
    optimizer = torch.optim.Adam(judge.parameters(), 2e-2)
    for _ in range(150):
        own = judge(pictures, words, padding)
        others = judge(pictures, words.roll(1, 0), padding)
        optimizer.zero_grad()
        (
            torch.nn.functional.softplus(-own) + torch.nn.functional.softplus(others)
        ).mean().backward()
        optimizer.step()
    assert (own > 0).all()
    assert (others < 0).sum() >= 7
