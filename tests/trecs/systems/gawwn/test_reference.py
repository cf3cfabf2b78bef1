"""GAWWN against numbers computed with the known re-implementation of its keypoint version."""

import pytest

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.gawwn.network import GawwnConfig, Generator, Judge
from trecs.systems.parts.matching_aware import believed_loss, matching_aware_loss

pytestmark = pytest.mark.real_data
CONFIG = GawwnConfig(text=16, width=4, judge_width=4, noise=5, features=6, kinds=5, side=128)


def test_generator_judge_and_losses() -> None:
    stored = reference("gawwn.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    judge = filled(Judge(CONFIG), stored, "d/param/")
    sentence, maps = stored["text_embedding"], stored["location_maps"].float()
    told = generator.F_noise_txt(stored["noise"], sentence)
    assert_near(generator.F_noise_txt_global(told, maps), stored["g/global_features"], 2e-3)
    assert_near(generator.F_noise_txt_region(told, maps), stored["g/region_features"], 2e-3)
    drawn = generator(stored["noise"], sentence, maps)
    assert_near(drawn, stored["image_fake"], 2e-3)
    logits = []
    for what, picture, text in (
        ("real", stored["image"], sentence),
        ("wrong", stored["image"], sentence.flip(0)),
        ("fake", stored["image_fake"], sentence),
    ):
        code = judge(picture.float())
        region, whole = judge.paths(code, text, maps)
        assert_near(region, stored[f"d/region_{what}"])
        assert_near(whole, stored[f"d/global_{what}"])
        logits.append(judge.decide(code, text, maps))
        assert_near(logits[-1].sigmoid(), stored[f"prob_{what}"])
    real, wrong, fake = logits
    assert_near(matching_aware_loss(real, wrong, fake), stored["loss_d"])
    assert_near(believed_loss(fake), stored["loss_g"])
