"""AC-GAN against numbers computed with the best-known re-implementation."""

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.acgan.losses import class_loss, generator_loss, judge_loss
from trecs.systems.acgan.network import AcGanConfig, Generator, Judge

pytestmark = pytest.mark.real_data
CLASSES, JUDGE = 10, (4, 5, 6, 7, 8, 9)
CIFAR = AcGanConfig(text=CLASSES, noise=5, widths=(16, 8, 6, 5), judge_widths=JUDGE, side=32)
IMAGENET = AcGanConfig(
    text=CLASSES, noise=5, widths=(24, 16, 12, 8, 6), judge_widths=JUDGE, side=128
)


@pytest.mark.parametrize(("name", "config"), [("cifar", CIFAR), ("imagenet", IMAGENET)])
def test_generator_judge_and_losses(name: str, config: AcGanConfig) -> None:
    stored = reference("acgan.npz")
    generator = filled(Generator(config), stored, f"{name}_g/param/")
    judge = filled(Judge(config), stored, f"{name}_d/param/")
    told, noise = stored["noise"].split([CLASSES, config.noise], 1)
    assert torch.equal(told.argmax(1), stored["labels"])
    assert_near(generator(noise, told), stored[f"{name}_image_fake"], 2e-3)
    verdicts: dict[str, tuple[Tensor, Tensor]] = {}
    for what in ("real", "fake"):
        verdicts[what] = judge(stored[f"{name}_image_{what}"].float())
        source, named = verdicts[what]
        assert_near(source.sigmoid(), stored[f"{name}_prob_{what}"])
        assert_near(named, stored[f"{name}_class_logits_{what}"])
    real, fake = verdicts["real"], verdicts["fake"]
    assert_near(real[1].softmax(1), stored[f"{name}_class_prob_real"])
    of_photos, drawn = stored["labels_real"], stored["labels"]
    assert_near(judge_loss(real, fake, of_photos, drawn), stored[f"{name}_loss_d"])
    assert_near(generator_loss(fake, drawn), stored[f"{name}_loss_g"])
    as_published = sum(
        -logits.softmax(1).gather(1, of[:, None]).mean() - class_loss(logits, of)
        for logits, of in ((real[1], of_photos), (fake[1], drawn))
    )
    found = judge_loss(real, fake, of_photos, drawn) + as_published
    assert_near(found, stored[f"{name}_loss_d_as_published"])
