from math import log

import pytest
import torch
from torch.nn import functional

from tests.trecs.systems.mirrorgan.greedy import greedy
from trecs.systems.mirrorgan.captioner import (
    CaptionDecoder,
    Captioner,
    CaptionerConfig,
    caption_loss,
    ended,
)
from trecs.systems.mirrorgan.captioner_training import frozen

CONFIG = CaptionerConfig(vocabulary=9, pooled=5, embedding=4, hidden=16)


def test_the_loss_is_the_mean_over_told_words() -> None:
    """Of two words one is foretold with 1/4, what fills the second caption up does not count."""
    logits = torch.zeros(2, 2, 4)
    logits[0, 1, 3] = log(3)  # of 3 + 1 + 1 + 1, so with 1/2
    captions = torch.tensor([[1, 3], [2, 0]])
    loss = caption_loss(logits, captions, torch.tensor([2, 1]))
    assert loss.item() == pytest.approx((log(4) + log(2) + log(4)) / 3)


def test_captions_end() -> None:
    numbers, lengths = ended(torch.tensor([[3, 5], [4, 0]]), torch.tensor([2, 1]))
    assert numbers.tolist() == [[3, 5, 0], [4, 0, 0]]
    assert lengths.tolist() == [3, 2]


@torch.no_grad()
def test_a_word_is_foretold_by_those_before_it_alone() -> None:
    torch.manual_seed(0)
    decoder = CaptionDecoder(9, 4, 6)
    features, captions = torch.randn(1, 4), torch.tensor([[3, 5, 2]])
    whole = decoder(features, captions)
    changed = decoder(features, torch.tensor([[3, 6, 1]]))
    torch.testing.assert_close(changed[:, :2], whole[:, :2])
    assert not torch.allclose(changed[:, 2], whole[:, 2], atol=1e-4)
    first = decoder(features + 1, captions)[:, 0]
    assert not torch.allclose(first, whole[:, 0], atol=1e-4)


def test_what_it_has_learnt_it_reads_and_teaches() -> None:
    """Overfitting: four pictures with a caption each; then pictures learn from the captions."""
    torch.manual_seed(0)
    captioner = Captioner(CONFIG)
    pooled = torch.randn(4, 5)
    told = ended(torch.tensor([[1, 2], [2, 1], [3, 4], [5, 0]]), torch.tensor([2, 2, 2, 1]))
    optimizer = torch.optim.Adam(captioner.parameters(), 3e-2)
    for _ in range(150):
        optimizer.zero_grad()
        captioner(pooled, *told).backward()
        optimizer.step()
    frozen(captioner)
    read = greedy(captioner.rnn, captioner.cnn(pooled), 3)
    assert read[:3].tolist() == told[0][:3].tolist()
    assert read[3, :2].tolist() == [5, 0]

    before = {name: value.clone() for name, value in captioner.state_dict().items()}
    drawn = torch.zeros(4, 5, requires_grad=True)
    optimizer = torch.optim.Adam([drawn], 0.1)
    start = captioner(drawn, *told).item()
    for _ in range(60):
        optimizer.zero_grad()
        captioner(drawn, *told).backward()
        optimizer.step()
    assert captioner(drawn, *told).item() < start / 4
    assert functional.cosine_similarity(drawn, pooled).mean() > 0.3
    assert all(torch.equal(before[name], value) for name, value in captioner.state_dict().items())
