"""Our networks and losses against numbers computed with transcriptions of the authors' code."""

import pytest
import torch

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.gan_int_cls.network import GanIntClsConfig, Generator, Judge
from trecs.systems.parts.matching_aware import believed_loss, interpolated, matching_aware_loss

pytestmark = pytest.mark.real_data
CONFIG = GanIntClsConfig(text=16, width=4, judge_width=4, noise=5, features=6)


def test_generator_judge_and_losses() -> None:
    stored = reference("gan_int_cls.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    judge = filled(Judge(CONFIG), stored, "d/param/")
    told = stored["text_embedding"]
    every = torch.cat([told, interpolated(told)])
    assert_near(every, stored["text_embedding_interpolated"])
    pictures = generator(stored["noise"], every)
    assert_near(pictures[[0, 4]], stored["image_fake"], 2e-3)
    real, wrong, fake, between = (
        judge.judge(judge(seen), text)
        for seen, text in (
            (stored["image_real"].float(), told),
            (stored["image_wrong"].float(), told),
            (pictures[:4], told),
            (pictures, every),
        )
    )
    assert_near(real.sigmoid(), stored["prob_real"])
    assert_near(wrong.sigmoid(), stored["prob_wrong"])
    assert_near(fake.sigmoid(), stored["prob_fake"])
    assert_near(between.sigmoid(), stored["prob_interpolated"])
    assert_near(matching_aware_loss(real, wrong, fake), stored["loss_d"])
    assert_near(believed_loss(between), stored["loss_g"])


def test_the_loss_of_the_other_known_code_is_the_papers() -> None:
    """gan_cls.npz has probabilities of a plain DCGAN, whose loss the paper's equation gives."""
    stored = reference("gan_cls.npz")
    logits = [stored[f"prob_{what}"].logit() for what in ("real", "wrong", "fake")]
    assert_near(matching_aware_loss(*logits), stored["loss_d_paper"])
    assert_near(believed_loss(logits[2]), stored["loss_g_adversarial"])
