import torch

from tests.trecs.systems.gan_int_cls.tiny import CONFIG, tiny_gan_int_cls
from trecs.systems.gan_int_cls.network import Judge, Residual
from trecs.systems.parts.matching_aware import another, matching_aware_loss


@torch.no_grad()
def test_a_residual_block_adds_to_what_it_is_given() -> None:
    block = Residual(4, 2).eval()
    last = block.conv[7].weight
    assert isinstance(last, torch.Tensor)
    last.zero_()
    x = torch.randn(2, 4, 3, 3)
    assert torch.equal(block(x), x)


@torch.no_grad()
def test_pictures_differ_by_noise_and_sentence() -> None:
    generator = tiny_gan_int_cls().networks.generator
    noise, sentence = torch.randn(2, CONFIG.noise), torch.randn(2, CONFIG.text)
    first, second = generator(noise, sentence)
    assert first.shape == (3, 64, 64)
    assert first.abs().max() <= 1
    assert not torch.allclose(first, generator(noise, sentence[[1, 1]])[0], atol=1e-3)
    assert not torch.allclose(second, generator(noise[[0, 0]], sentence)[1], atol=1e-3)


def test_a_matching_aware_judge_tells_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of one colour each, whose sentences say which."""
    torch.manual_seed(0)
    judge = Judge(CONFIG)
    colours = torch.rand(8, 3) * 2 - 1
    photos = colours[..., None, None].expand(-1, -1, 64, 64)
    sentences = torch.cat([colours, torch.randn(8, CONFIG.text - 3)], 1)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(60):
        code = judge(photos)
        right, wrong = judge.judge(code, sentences), judge.judge(code, another(sentences))
        drawn = judge.judge(judge(torch.randn(8, 3, 64, 64)), sentences)
        loss = matching_aware_loss(right, wrong, drawn)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (right > 0).all()
    assert (wrong < 0).all()
    assert (drawn < 0).all()
