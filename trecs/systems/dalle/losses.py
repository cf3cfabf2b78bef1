"""DALL-E's losses (Ramesh et al., ICML 2021)."""

import math

import torch
from torch import Tensor
from torch.nn import functional

PICTURE = 7  # weight of a picture's tokens, where that of words is 1


def logit_laplace_loss(distribution: Tensor, mapped: Tensor) -> Tensor:
    """-log f(x), a mean of values, in nats (appendix A.3, equation 1).

    f(x) = exp(-|logit x - mu| / b) / (2 b x (1 - x)), with mean and log scale of each value in
    `distribution` (B, 6, S, S), for `mapped` pictures (B, 3, S, S) in [0.1, 0.9].
    """
    mean, log_scale = distribution.chunk(2, 1)
    distance = (torch.logit(mapped) - mean).abs() * (-log_scale).exp()
    return (distance + log_scale + (2 * mapped * (1 - mapped)).log()).mean()


def gumbel_softmax(logits: Tensor, noise: Tensor, temperature: float) -> Tensor:
    """Relaxed samples (B, K, H, W) of codes; the noise is Gumbel's (section 2.1)."""
    return ((logits + noise) / temperature).softmax(1)


def divergence(logits: Tensor) -> Tensor:
    """KL of codes' distribution (B, K, H, W) from the uniform one, a mean of positions, in nats."""
    logs = logits.log_softmax(1)
    return (logs.exp() * logs).sum(1).mean() + math.log(logits.shape[1])


def token_loss(words: Tensor, said: Tensor, tokens: Tensor, drawn: Tensor) -> Tensor:
    """(words + 7 pictures) / 8, cross-entropies (section 2.2).

    Logits (B, T, V) of words `said` (B, T) and (B, N, K) of tokens `drawn` (B, N).
    """
    text = functional.cross_entropy(words.flatten(0, 1), said.flatten())
    picture = functional.cross_entropy(tokens.flatten(0, 1), drawn.flatten())
    return (text + PICTURE * picture) / (1 + PICTURE)
