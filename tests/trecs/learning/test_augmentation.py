import torch

from trecs.learning.augmentation import Jitter, shifted


def test_no_strength_changes_nothing():
    pictures = torch.rand(2, 3, 8, 8)
    torch.testing.assert_close(Jitter.drawn(2, 0.0)(pictures), pictures)


def test_each_picture_of_a_batch_has_its_own_draw_and_gradients_pass():
    torch.manual_seed(0)
    pictures = torch.full((2, 3, 4, 4), 0.5, requires_grad=True)
    changed = Jitter.drawn(2, 0.3)(pictures)
    assert not torch.allclose(changed[0], changed[1])
    assert (changed - 0.5).abs().max() <= 0.3
    changed.sum().backward()
    assert pictures.grad is not None


def test_saturation_and_contrast_keep_the_mean():
    pictures = torch.rand(1, 3, 8, 8)
    factor = torch.full((1, 1, 1, 1), 1.2)
    changed = Jitter(torch.zeros(1, 1, 1, 1), factor, factor)(pictures)
    torch.testing.assert_close(changed.mean(), pictures.mean())
    assert changed.std() > 1.15 * pictures.std()


def test_shifted_pictures_are_moved_and_bare_parts_are_zero():
    torch.manual_seed(0)
    pictures = torch.arange(1.0, 65).view(1, 1, 8, 8).repeat(16, 1, 1, 1).requires_grad_()
    moved = shifted(pictures, 0.25)
    assert moved.shape == pictures.shape
    seen = set()
    for picture in moved.detach()[:, 0]:
        top, left = next(
            (y, x)
            for y in range(-2, 3)
            for x in range(-2, 3)
            if torch.equal(picture, _moved(pictures[0, 0].detach(), y, x))
        )
        seen.add((top, left))
    assert len(seen) > 4
    moved.sum().backward()
    assert pictures.grad is not None
    assert torch.equal(shifted(pictures, 0.0), pictures)


def _moved(picture: torch.Tensor, down: int, right: int) -> torch.Tensor:
    padded = torch.nn.functional.pad(picture, (2, 2, 2, 2))
    return padded[2 - down : 10 - down, 2 - right : 10 - right]
