import pytest
import torch

from retrieval.encoder_config import EncoderConfig
from retrieval.text_side import TextSide
from tests.retrieval.models import DOG, SKY


@pytest.fixture
def side():
    torch.manual_seed(0)
    return TextSide(EncoderConfig.tiny(5)).eval()


@torch.no_grad()
def read(side, words, weights=None):
    words = torch.tensor(words)
    given = torch.full((len(words),), weights is not None)
    return side(words, torch.zeros(len(words), 182) if weights is None else weights, given)


def test_padding_does_not_change_a_vector(side):
    short, _ = read(side, [[2, 4, 3]])
    padded, _ = read(side, [[2, 4, 3, 0, 0], [1, 2, 3, 4, 5]])
    torch.testing.assert_close(short, padded[:1])


def test_without_words_no_label_is_spoken_of(side):
    vectors, logits = read(side, [[0, 0]])
    assert (logits == -6).all()
    assert torch.isfinite(vectors).all()


def test_a_label_is_spoken_of_as_surely_as_by_the_surest_word(side):
    _, alone = read(side, [[1], [2]])
    with torch.no_grad():
        side.context.weight.zero_()
        _, alone = read(side, [[1], [2]])
        _, both = read(side, [[1, 2]])
    torch.testing.assert_close(both[0], alone.amax(0))


def test_words_and_label_weights_are_trusted_as_was_learned(side):
    weights = torch.full((1, 182), 0.5)
    weights[0, DOG], weights[0, SKY] = 1.0, 0.0
    _, own = read(side, [[1, 2]])
    vectors, logits = read(side, [[1, 2]], weights)
    surely = torch.logit(torch.tensor(0.99))
    assert logits[0, DOG] == pytest.approx(float(0.3 * own[0, DOG] + 0.8 * surely), rel=1e-4)
    assert logits[0, SKY] == pytest.approx(float(0.3 * own[0, SKY] - 0.8 * surely), rel=1e-4)
    assert logits[0, 5] == pytest.approx(float(0.3 * own[0, 5]), rel=1e-4)
    assert vectors[0, :182].argmax() == DOG
