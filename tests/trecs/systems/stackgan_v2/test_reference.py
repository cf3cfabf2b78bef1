"""StackGAN-v2 against numbers computed with the authors' code."""

from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.learning.judge import Verdict
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.stackgan_v2.config import StackGanV2Config
from trecs.systems.stackgan_v2.discriminator import Judge
from trecs.systems.stackgan_v2.generator import Generator
from trecs.systems.stackgan_v2.losses import colour_loss, colours, generator_loss, judge_loss

pytestmark = pytest.mark.real_data
CONFIG = StackGanV2Config(text=16, width=8, judge_width=2, condition=6, noise=5, first=64)
PUBLISHED = replace(CONFIG, text=1024, width=64, judge_width=64, condition=128, noise=100)


def test_all_stages_draw_the_same_in_the_same_colours() -> None:
    stored = reference("stackgan_v2.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    drawn = generator(stored["noise"], stored["text_embedding"], stored["eps"])
    assert_near(drawn.mean, stored["mu"])
    assert_near(drawn.log_variance, stored["logvar"])
    assert_near(kl_loss(drawn.mean, drawn.log_variance), stored["kl"])
    for stage, pictures in enumerate(drawn.pictures):
        shown = pictures if pictures.shape[-1] < 256 else pictures[:, :, ::2, ::2]
        assert_near(shown, stored[f"img{pictures.shape[-1]}"], 2e-3)
        mean, covariance = colours(pictures)
        assert_near(mean, stored["color_mean"][stage])
        assert_near(covariance, stored["color_covariance"][stage])
    assert_near(colour_loss(drawn.pictures), stored["loss_color"].sum())


@pytest.mark.parametrize("side", CONFIG.sides)
def test_judges_and_losses(side: int) -> None:
    stored = reference("stackgan_v2.npz")
    judge = filled(Judge(CONFIG, side), stored, f"d{side}/param/")
    mean, verdicts = stored["d/cond"], dict[str, Verdict]()
    for what in ("real", "wrong", "fake"):
        verdict = judge.judge(judge(stored[f"d{side}/image_{what}"].float()), mean)
        for how, logits in zip(("cond", "uncond"), verdict, strict=True):
            assert_near(logits.sigmoid(), stored[f"d{side}/prob_{how}_{what}"])
        verdicts[what] = verdict
    assert_near(judge_loss(**verdicts), stored[f"d{side}/loss_d"])
    standard = torch.zeros_like(mean)
    found = generator_loss([verdicts["fake"]], standard, standard)
    assert_near(found, stored[f"d{side}/loss_g"])


def test_the_published_sizes_have_the_published_parameters() -> None:
    path = FOLDER / "stackgan_v2_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        networks = (Generator(PUBLISHED), *(Judge(PUBLISHED, side) for side in PUBLISHED.sides))
    for network, lines in zip(networks, parts[: len(networks)], strict=True):
        found = [f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()]
        assert sorted(found) == sorted(line for line in lines if line.strip())
