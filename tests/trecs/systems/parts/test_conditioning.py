import torch

from trecs.systems.parts.conditioning import ConditioningAugmentation, begin_apart


@torch.no_grad()
def test_conditions_begin_as_far_apart_as_the_noise_is_wide() -> None:
    torch.manual_seed(0)
    sentences = 0.05 * torch.randn(200, 8) @ torch.randn(8, 8) + 3
    augmentation = ConditioningAugmentation(8, 3)
    begin_apart(augmentation, sentences)
    mean, log_variance = augmentation(sentences)
    torch.testing.assert_close(mean.mean(0), torch.zeros(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(mean.T @ mean / 200, torch.eye(3), atol=1e-3, rtol=0)
    torch.testing.assert_close(log_variance, torch.full((200, 3), -2.0))
