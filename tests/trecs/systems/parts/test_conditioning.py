import torch

from trecs.systems.parts.conditioning import (
    ConditioningAugmentation,
    begin_apart,
    begin_told_apart,
)


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


def test_features_of_sentences_begin_apart() -> None:
    """Each has mean 0 and variance 1, and none goes with another; there are no more than D."""
    torch.manual_seed(0)
    sentences = torch.randn(200, 4) @ torch.randn(4, 4) + 3
    layer = torch.nn.Linear(4, 6)
    begin_told_apart(layer, sentences)
    features = layer(sentences)
    expected = torch.zeros(6, 6)
    expected[:4, :4] = torch.eye(4)
    torch.testing.assert_close(features.T @ features / 200, expected, atol=1e-4, rtol=0)
    torch.testing.assert_close(features.mean(0), torch.zeros(6), atol=1e-4, rtol=0)
