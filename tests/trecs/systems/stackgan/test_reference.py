"""StackGAN against numbers computed with the authors' code."""

from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.stackgan.config import StackGanConfig
from trecs.systems.stackgan.discriminator import Judge
from trecs.systems.stackgan.generator import FirstStage, Generator
from trecs.systems.stackgan.losses import generator_loss, judge_loss

pytestmark = pytest.mark.real_data
CONFIG = StackGanConfig(text=16, width=8, judge_width=2, least=0, condition=6, noise=5, slope=0.0,
                        small=64, side=256)  # fmt: skip
PUBLISHED = replace(CONFIG, text=1024, width=192, judge_width=96, condition=128, noise=100)


def test_both_stages_draw_the_same() -> None:
    stored = reference("stackgan.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    variations = torch.stack([stored["eps_stage1"], stored["eps_stage2"]])
    drawn = generator(stored["noise"], stored["text_embedding"], variations)
    for number, one in enumerate(drawn, 1):
        assert_near(one.mean, stored[f"mu_stage{number}"])
        assert_near(one.log_variance, stored[f"logvar_stage{number}"])
        assert_near(kl_loss(one.mean, one.log_variance), stored[f"kl_stage{number}"])
    assert_near(drawn[0].pictures, stored["img64"], 2e-3)
    assert_near(drawn[1].pictures[:, :, ::2, ::2], stored["img256"], 2e-3)


@pytest.mark.parametrize(("number", "side"), [(1, 64), (2, 256)])
def test_judges_and_losses(number: int, side: int) -> None:
    stored = reference("stackgan.npz")
    judge = filled(Judge(CONFIG, side, alone=number == 2), stored, f"d{number}/param/")
    mean, verdicts = stored["d/cond"], {}
    for what in ("real", "fake"):
        code = judge(stored[f"d{number}/image_{what}"].float())
        verdicts[what] = judge.judge(code, mean)
        for how, logits in zip(("cond", "uncond"), verdicts[what], strict=False):
            assert_near(logits.sigmoid(), stored[f"d{number}/prob_{how}_{what}"])
        if what == "real":
            assert_near(code, stored[f"d{number}/features_real"])
            wrong = judge.judge_wrong(code, mean)
    assert [len(said) for said in verdicts.values()] == [number, number]
    assert_near(wrong.sigmoid(), stored[f"d{number}/prob_cond_wrong"])
    found = judge_loss(verdicts["real"], wrong, verdicts["fake"])
    assert_near(found, stored[f"d{number}/loss_d"])
    standard = torch.zeros_like(mean)
    assert_near(generator_loss(verdicts["fake"], standard, standard), stored[f"d{number}/loss_g"])


def test_the_published_sizes_have_the_published_parameters() -> None:
    path = FOLDER / "stackgan_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        networks = (
            FirstStage(PUBLISHED),
            Generator(PUBLISHED),
            Judge(PUBLISHED, 64, alone=False),
            Judge(PUBLISHED, 256, alone=True),
        )
    for network, lines in zip(networks, parts, strict=True):
        found = [f"{name} {_shape(value)}" for name, value in network.state_dict().items()]
        published = [line for line in lines if line.strip()]
        assert sorted(found) == sorted(published)


def _shape(value: torch.Tensor) -> str:
    return str(tuple(value.shape))
