import torch

from tests.trecs.systems.aligndraw.tiny import CONFIG
from trecs.systems.aligndraw.losses import latent_loss, reconstruction_loss
from trecs.systems.aligndraw.network import AlignDrawConfig, Decoder, Encoder, redraw

UNPADDED = torch.zeros(8, 2, dtype=torch.bool)


def test_attention_weighs_the_words_that_are_there() -> None:
    """Of scores v tanh(U h): with v of 1 and a U that keeps one number, softmax of its tanh."""
    decoder = Decoder(CONFIG).requires_grad_(False)
    for layer in (decoder.word_align, decoder.state_align, decoder.align):
        layer.weight.zero_()
    decoder.state_align.bias.zero_()
    decoder.word_align.weight[0, 0] = decoder.align.weight[0, 0] = 1
    words = torch.zeros(1, CONFIG.text, 3)
    words[0, 0] = torch.tensor([0.5, -0.3, 9])
    padding = torch.tensor([[False, False, True]])
    weights = decoder.aligned(torch.randn(1, CONFIG.decoder), words, padding)
    expected = torch.tensor([0.5, -0.3]).tanh().softmax(0)
    torch.testing.assert_close(weights[0, :2], expected)
    assert weights[0, 2] == 0


@torch.no_grad()
def test_the_first_prior_is_standard_and_the_next_are_learnt() -> None:
    decoder, words = Decoder(CONFIG), torch.randn(8, CONFIG.text, 2)
    assert all(not one.any() for one in decoder.begin(8).prior)
    first, second, third = decoder.draw(torch.randn(3, 8, CONFIG.code), words, UNPADDED)
    for stroke in (first, second, third):
        expected = decoder.prior(stroke.state.hidden).tanh()
        torch.testing.assert_close(torch.cat(stroke.state.prior, 1), expected)


def test_eight_photos_are_drawn_again() -> None:
    """Overfitting: eight patterns of four squares, far nearer than their mean is."""
    torch.manual_seed(0)
    config = AlignDrawConfig(text=4, side=8, steps=3, glimpse=4, code=8, encoder=32, decoder=32,
                             align=6)  # fmt: skip
    photos = torch.kron(torch.rand(8, 3, 2, 2).round(), torch.ones(4, 4))
    words = torch.randn(8, 4, 2)
    encoder, decoder = Encoder(config), Decoder(config)
    parameters = [*encoder.parameters(), *decoder.parameters()]
    optimizer = torch.optim.Adam(parameters, 1e-2)
    for _ in range(150):
        noise = torch.randn(config.steps, 8, config.code)
        steps = list(redraw(encoder, decoder, photos, noise, words, UNPADDED))
        canvas = steps[-1].stroke.state.canvas
        latent = sum(latent_loss(seen.posterior, seen.prior) for seen in steps)
        loss = reconstruction_loss(canvas, photos) + latent
        optimizer.zero_grad()
        loss.backward()
        torch.nn.utils.clip_grad_norm_(parameters, 10.0)
        optimizer.step()
    mean = photos.mean(0).clamp(0.01, 0.99).logit().expand(8, -1, -1, -1)
    assert loss < reconstruction_loss(mean, photos) / 2
    right = ((canvas > 0) == (photos > 0.5)).float().mean()
    assert right > 0.95
