"""FusedGAN against numbers computed with the known re-implementation."""

import pytest
import torch

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.fusedgan.network import Drawn, FusedGanConfig, Generator, Judge
from trecs.systems.parts.conditioning import kl_loss

pytestmark = pytest.mark.real_data
CONFIG = FusedGanConfig(text=6, width=8, judge_width=2, condition=6, noise=5, side=128, slope=0.0,
                        last_norm=True)  # fmt: skip


def test_both_branches_draw_the_same_of_one_structure() -> None:
    stored = reference("fusedgan.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    noise = stored["noise"]
    assert_near(generator.fused_block(noise), stored["shared_features"])
    alone = generator(noise)
    assert isinstance(alone, torch.Tensor)
    assert_near(alone, stored["image_unconditional"], 2e-3)
    drawn = generator(noise, stored["condition"], stored["eps"])
    assert isinstance(drawn, Drawn)
    assert_near(drawn.pictures, stored["image_conditional"], 2e-3)
    assert_near(drawn.mean, stored["mu"])
    assert_near(drawn.log_variance, stored["logvar"])
    assert_near(kl_loss(drawn.mean, drawn.log_variance), stored["kl"])


@pytest.mark.parametrize("told", [False, True])
def test_judges(told: bool) -> None:
    stored, kind = reference("fusedgan.npz"), "cond" if told else "uncond"
    judge = filled(Judge(CONFIG, told=told), stored, f"d_{kind}/param/")
    condition = stored["condition"] if told else None
    drawn = "image_conditional" if told else "image_unconditional"
    for name, what in (("image_real", "real"), (drawn, "fake")):
        assert_near(judge(stored[name].float(), condition), stored[f"logit_{kind}_{what}"])
