"""SD-GAN's closed forms against numbers made of the paper's equations; no code is to be had."""

import pytest
import torch

from tests.trecs.systems.references import assert_near, reference
from trecs.systems.sdgan.losses import ALPHA, MARGIN, contrastive_loss
from trecs.systems.sdgan.semantic_norm import SemanticNorm

pytestmark = pytest.mark.real_data


def test_the_contrastive_loss_of_each_pair() -> None:
    stored = reference("equations.npz")
    first, second = stored["sdgan/features_a"], stored["sdgan/features_b"]
    same = stored["sdgan/same_image"].bool()
    assert_near(torch.linalg.vector_norm(first - second, dim=1), stored["sdgan/distance"])
    assert (stored["sdgan/margin"].item(), stored["sdgan/alpha"].item()) == pytest.approx(
        (MARGIN, ALPHA)
    )
    assert_near(contrastive_loss(first, second, same), stored["sdgan/contrastive"], 1e-7)
    plain = contrastive_loss(first, second, same, alpha=0.0)
    assert_near(plain, stored["sdgan/contrastive_plain"], 1e-7)


def test_a_norm_that_the_sentence_changes() -> None:
    stored = {key: value for key, value in reference("equations.npz").items() if "sdgan/" in key}
    norm, sentence = SemanticNorm(4), stored["sdgan/sentence"]
    norm.load_state_dict(
        {name: stored[f"sdgan/{name}"] for name in ("gamma", "beta")}, strict=False
    )
    gamma_c, beta_c = (
        (sentence @ stored[f"sdgan/{name}_weight"].T + stored[f"sdgan/{name}_bias"])
        for name in ("gamma", "beta")
    )
    found = norm.changed(
        norm.norm(stored["sdgan/x"]), gamma_c[..., None, None], beta_c[..., None, None]
    )
    assert_near(found.detach(), stored["sdgan/scbn_sentence"])
