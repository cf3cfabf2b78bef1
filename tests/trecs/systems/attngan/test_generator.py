from dataclasses import replace

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.attngan.tiny import CONFIG, tiny_networks
from trecs.systems.attngan.generator import AttnGanGenerator, Drawn
from trecs.systems.parts.word_attention import WordAttention

LENGTHS = (5, 2, 3)


def inputs(count: int = 3) -> list[Tensor]:
    """Noise, variation, sentences, words and padding of captions of several lengths."""
    generator = torch.Generator().manual_seed(0)

    def noise(*shape: int) -> Tensor:
        return torch.randn(*shape, generator=generator)

    padding = torch.arange(5) >= torch.tensor(LENGTHS[:count])[:, None]
    return [
        noise(3, CONFIG.noise)[:count],
        noise(3, CONFIG.condition)[:count],
        noise(3, CONFIG.text)[:count],
        noise(3, CONFIG.text, 5)[:count],
        padding,
    ]


@torch.no_grad()
def draw(batch: list[Tensor], *, authors_mask: bool = False) -> Drawn:
    networks = tiny_networks(replace(CONFIG, authors_mask=authors_mask))
    return networks.generator(*batch)


@pytest.mark.parametrize("stages", [1, 2, 3])
def test_every_stage_draws(stages: int) -> None:
    generator = AttnGanGenerator(replace(CONFIG, stages=stages)).eval()
    drawn = generator(*inputs())
    sides = [64, 128, 256][:stages]
    assert [image.shape for image in drawn.images] == [(3, 3, s, s) for s in sides]
    assert [a.shape for a in drawn.attentions] == [(3, 5, s, s) for s in sides[:-1]]
    assert all(image.abs().max() <= 1 for image in drawn.images)
    assert drawn.mean.shape == drawn.log_variance.shape == (3, CONFIG.condition)


def test_a_caption_draws_the_same_in_any_batch() -> None:
    together = draw(inputs())
    for n, length in enumerate(LENGTHS):
        noise, variation, sentence, words, padding = (x[n : n + 1] for x in inputs())
        alone = draw([noise, variation, sentence, words[..., :length], padding[:, :length]])
        for image, own in zip(together.images, alone.images, strict=True):
            torch.testing.assert_close(image[n : n + 1], own, rtol=0, atol=2e-4)
        for attention, own in zip(together.attentions, alone.attentions, strict=True):
            torch.testing.assert_close(attention[n : n + 1, :length], own, rtol=0, atol=2e-4)
            assert not attention[n, length:].any()


def test_the_authors_mask_mixes_the_captions_of_a_batch() -> None:
    ours, theirs = draw(inputs()), draw(inputs(), authors_mask=True)
    torch.testing.assert_close(ours.images[0], theirs.images[0])
    assert (ours.images[1] - theirs.images[1]).abs().max() > 1e-3
    alone = inputs(1)
    torch.testing.assert_close(draw(alone).images[2], draw(alone, authors_mask=True).images[2])


def test_the_authors_mask_hides_what_their_repeat_does() -> None:
    attention = WordAttention(4, 8, authors_mask=True)
    hidden, words, padding = torch.randn(3, 4, 5, 7), torch.randn(3, 8, 5), inputs()[4]
    _, shares = attention(hidden, words, padding)
    rows = shares.flatten(2).transpose(1, 2).flatten(0, 1)  # (B * N, T), as they lay it out
    for r, row in enumerate(rows):
        assert torch.equal(row == 0, padding[r % 3])


def test_attention_is_the_softmax_of_scores_over_words() -> None:
    attention = WordAttention(2, 2)
    with torch.no_grad():
        attention.conv_context.weight.copy_(torch.eye(2)[..., None, None])
    hidden = torch.tensor([[1.0, 0], [0, 2]]).view(1, 2, 1, 2)  # places (1, 0) and (0, 2)
    words = torch.tensor([[[1.0, 0, 9], [0, 1, 9]]])  # (1, 0), (0, 1) and padding
    context, shares = attention(hidden, words, torch.tensor([[False, False, True]]))
    first, second = torch.tensor([1.0, 2.0]).sigmoid()
    expected = torch.tensor([[first, 1 - second], [1 - first, second], [0, 0]])
    torch.testing.assert_close(shares[0, :, 0], expected)
    torch.testing.assert_close(context[0, :, 0], expected[:2])


def test_the_condition_is_drawn_from_the_sentence() -> None:
    noise, variation, *others = inputs()
    still, moved = draw([noise, 0 * variation, *others]), draw([noise, variation, *others])
    assert torch.equal(still.mean, moved.mean)
    assert (still.images[0] - moved.images[0]).abs().max() > 1e-3


def test_noise_follows_the_seed() -> None:
    generator = AttnGanGenerator(CONFIG)
    first, again, other = (
        generator.draw_noise(2, torch.Generator().manual_seed(seed)) for seed in (1, 1, 2)
    )
    assert [x.shape for x in first] == [(2, CONFIG.noise), (2, CONFIG.condition)]
    assert torch.equal(first[0], again[0])
    assert not torch.equal(first[0], other[0])
