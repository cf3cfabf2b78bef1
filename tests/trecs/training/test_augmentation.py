import torch

from trecs.training.augmentation import Jitter


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
