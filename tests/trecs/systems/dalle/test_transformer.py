from dataclasses import replace
from typing import Any

import pytest
import torch

from tests.trecs.systems.dalle.tiny import CONFIG, tiny_dalle
from trecs.systems.dalle.config import DalleConfig
from trecs.systems.dalle.masks import seen
from trecs.systems.dalle.network import DalleNetworks
from trecs.systems.dalle.transformer import Memories, Memory, Transformer

SAID = [(1, 2, 3), (4, 5, 6, 7, 8, 9, 10)]  # of at most six words
WIDE = replace(CONFIG, side=32, attention=("full", "row", "column", "convolution"))  # 4 x 4 tokens


def made(config: DalleConfig = WIDE) -> Transformer:
    networks = tiny_dalle(config).networks.generator
    assert isinstance(networks, DalleNetworks)
    return networks.transformer


@pytest.mark.parametrize(
    ("kind", "pictured"),
    [
        ("full", [0, 1, 2, 3, 4, 5, 6]),
        ("row", [4, 5, 6]),
        ("column", [2, 6]),
        ("convolution", [1, 2, 5, 6]),
    ],
)
def test_what_a_token_of_the_picture_sees(kind: str, pictured: list[int]) -> None:
    """Token 6 of 4 x 4, in the second row and third column, after the start and two words."""
    mask = seen(kind, 2, 4, 2)
    assert mask[3 + 6].nonzero().flatten().tolist() == [0, 1, 2, *(3 + one for one in pictured)]
    assert mask[:3].nonzero().tolist() == [[0, 0], [1, 0], [1, 1], [2, 0], [2, 1], [2, 2]]


def test_padding_has_a_number_of_its_own_at_each_place() -> None:
    """Of a vocabulary of 12 words."""
    assert made().padded(SAID).tolist() == [[1, 2, 3, 15, 16, 17], [4, 5, 6, 7, 8, 9]]


@torch.no_grad()
def test_nothing_that_comes_later_counts() -> None:
    transformer = made()
    said, drawn = transformer.padded(SAID), torch.randint(7, (2, 16))
    found = transformer(said, drawn)
    other = transformer(said, torch.cat([drawn[:, :9], drawn[:, 9:].roll(1, 0)], 1))
    assert found.shape == (2, 6 + 16, 8)
    assert torch.equal(found[:, : 6 + 10], other[:, : 6 + 10])
    assert not torch.equal(found[:, 6 + 10 :], other[:, 6 + 10 :])
    words = said.clone()
    words[:, 3] = 1
    assert torch.equal(found[:, :4], transformer(words, drawn)[:, :4])
    assert not torch.equal(found[:, 4], transformer(words, drawn)[:, 4])


@torch.no_grad()
def test_with_memories_it_foretells_what_it_does_at_once() -> None:
    transformer = made()
    said, drawn = transformer.padded(SAID), torch.randint(7, (2, 16))
    memories = Memories([Memory() for _ in transformer.layers])
    steps = [transformer._through(transformer._read(said), memories)]
    for place in range(15):
        x = transformer._seen(drawn[:, place : place + 1], place)
        steps.append(transformer._through(x, memories))
    torch.testing.assert_close(torch.cat(steps, 1), transformer(said, drawn))


@torch.no_grad()
def test_tokens_are_drawn_by_their_probabilities() -> None:
    """The first token of a thousand samples, and, cold, the likeliest of all."""
    transformer = made(CONFIG)
    said = transformer.padded([SAID[0]] * 1000)
    tokens = transformer.sample(said, torch.Generator().manual_seed(0))
    assert tokens.shape == (1000, 4)
    expected = transformer.head(transformer(said[:1], tokens[:1])[0, 6]).softmax(0)
    shares = torch.bincount(tokens[:, 0], minlength=7) / 1000
    torch.testing.assert_close(shares, expected, atol=0.05, rtol=0)
    transformer.config = replace(CONFIG, temperature=1e-4)
    cold = transformer.sample(said[:2], torch.Generator().manual_seed(0))
    assert torch.equal(cold, transformer.head(transformer(said[:2], cold)[:, 6:]).argmax(-1))


def test_sides_and_kinds_that_cannot_be_are_refused() -> None:
    with pytest.raises(ValueError, match="multiple of 8, not 20"):
        DalleConfig(side=20)
    with pytest.raises(ValueError, match="full, row, column, convolution, not diagonal"):
        DalleConfig(attention=("row", "diagonal"))


@pytest.mark.parametrize(
    ("name", "value", "message"),
    [
        ("heads", 3, "'width' is a multiple of 'heads', not 8 of 3"),
        ("heads", 0, "'width' is a multiple of 'heads', not 8 of 0"),
        ("candidates", 0, "at least 1, not 0"),
        ("temperature", 0.0, "above 0, not 0.0"),
    ],
)
def test_numbers_by_which_nothing_is_drawn_are_refused(name: str, value: Any, message: str) -> None:
    with pytest.raises(ValueError, match=message):
        replace(DalleConfig.tiny(), **{name: value})
