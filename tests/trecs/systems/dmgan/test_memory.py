"""The memory against the paper's equations, worked out by hand or by other means."""

from math import exp

import pytest
import torch
from torch import nn

from trecs.systems.dmgan.memory import DynamicMemory

PLACES, WORDS = 4, 3


@pytest.fixture
def memory() -> DynamicMemory:
    torch.manual_seed(0)
    return DynamicMemory(3, 5).requires_grad_(False)


def seen() -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
    """A map (2, 3, 2, 2), words (2, 5, 3) and padding: the first caption has two words."""
    padding = torch.tensor([[False, False, True], [False, False, False]])
    return torch.randn(2, 3, 2, 2), torch.randn(2, 5, WORDS), padding


def weight(layer: nn.Module) -> torch.Tensor:
    assert isinstance(layer, nn.Conv1d | nn.Conv2d | nn.Linear)
    return layer.weight.flatten(1)


def test_each_place_reads_what_the_equations_say(memory: DynamicMemory) -> None:
    """Word by word and place by place, as the paper writes it."""
    hidden, words, padding = seen()
    read = memory.respond(hidden, words, padding)
    for n in range(2):
        r_mean, keys, values = hidden[n].mean((1, 2)), [], []
        for t in range(WORDS):
            w = words[n, :, t]
            gate = (weight(memory.A) @ w + weight(memory.B) @ r_mean).sigmoid()
            slot = memory.M_w(w[:, None])[:, 0] * gate
            slot = slot + memory.M_r(r_mean[:, None])[:, 0] * (1 - gate)
            keys.append(memory.key(slot[:, None])[:, 0])
            values.append(memory.value(slot[:, None])[:, 0])
            torch.testing.assert_close(read.writing_gate[n, :, t], gate)
        known = [t for t in range(WORDS) if not padding[n, t]]
        for place in range(PLACES):
            row, column = divmod(place, 2)
            r = hidden[n, :, row, column]
            likeness = torch.stack([(keys[t] @ r).exp() for t in known])
            shares = likeness / likeness.sum()
            o = torch.stack([share * values[t] for share, t in zip(shares, known, strict=True)])
            o = o.sum(0)
            gate = memory.response_gate(torch.cat([r, o])[:, None, None])[0, 0, 0]
            expected = o * gate + r * (1 - gate)
            torch.testing.assert_close(read.attention[n, known, row, column], shares)
            torch.testing.assert_close(read.read[n, :, row, column], o)
            torch.testing.assert_close(read.hidden[n, :, row, column], expected)


def test_a_captions_own_padding_is_never_read(memory: DynamicMemory) -> None:
    hidden, words, padding = seen()
    read = memory.respond(hidden, words, padding)
    assert (read.attention[0, 2] == 0).all()
    assert (read.attention[1] > 0).all()
    torch.testing.assert_close(read.attention.sum(1), torch.ones(2, 2, 2))
    words[0, :, 2] += 1
    torch.testing.assert_close(memory.respond(hidden, words, padding).hidden, read.hidden)


def test_a_closed_writing_gate_writes_what_was_drawn(memory: DynamicMemory) -> None:
    """Then all words have one slot, and every place reads them evenly."""
    hidden, words, padding = seen()
    memory.A.weight.zero_()
    memory.B.weight.zero_()
    assert (memory.respond(hidden, words, padding).writing_gate == 0.5).all()
    memory.B.weight.fill_(1)
    hidden -= 100
    closed = memory.respond(hidden, words, padding)
    assert (closed.writing_gate < 1e-6).all()
    torch.testing.assert_close(closed.attention[1], torch.full((WORDS, 2, 2), 1 / WORDS))


def test_the_response_gate_decides_how_much_is_taken(memory: DynamicMemory) -> None:
    """A bias of 2 and no weights: at every place sigmoid(2) of what was read."""
    hidden, words, padding = seen()
    convolution = memory.response_gate[0]
    assert isinstance(convolution, nn.Conv2d)
    assert convolution.bias is not None
    convolution.weight.zero_()
    convolution.bias.fill_(2)
    read, share = memory.respond(hidden, words, padding), 1 / (1 + exp(-2))
    assert read.response_gate.shape == (2, 1, 2, 2)
    torch.testing.assert_close(read.hidden, share * read.read + (1 - share) * hidden)


def test_the_memory_does_not_teach_the_map_through_its_mean(memory: DynamicMemory) -> None:
    """What is written of the map is detached, as in the authors' code."""
    hidden, words, padding = seen()
    hidden.requires_grad_()
    memory.respond(hidden, words, padding).writing_gate.requires_grad_().sum().backward()
    assert hidden.grad is None
