"""DM-GAN against numbers computed with the authors' code."""

from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.learning.judge import adversarial_loss, discriminator_loss
from trecs.systems.dmgan.config import DmGanConfig
from trecs.systems.dmgan.discriminator import Judge
from trecs.systems.dmgan.generator import Generator
from trecs.systems.parts.conditioning import kl_loss

pytestmark = pytest.mark.real_data
CONFIG = DmGanConfig(text=8, width=4, judge_width=2, condition=6, noise=5, blocks=2, first=64)
BIRDS = replace(CONFIG, text=256, width=64, judge_width=32, condition=100, noise=100)


def test_all_stages_draw_the_same_of_the_same_memory() -> None:
    stored = reference("dmgan.npz")
    given = (stored[name] for name in ("noise", "eps", "sent_emb", "words_emb", "mask"))
    drawn = filled(Generator(CONFIG), stored, "g/param/")(*given)
    assert_near(drawn.mean, stored["mu"])
    assert_near(drawn.log_variance, stored["logvar"])
    assert_near(kl_loss(drawn.mean, drawn.log_variance), stored["kl"])
    for pictures in drawn.pictures:
        shown = pictures if pictures.shape[-1] < 256 else pictures[:, :, ::2, ::2]
        assert_near(shown, stored[f"img{pictures.shape[-1]}"], 2e-3)
    for stage, read in enumerate(drawn.reads, 2):
        kept = stage - 1  # every second pixel of the third stage
        assert_near(read.attention[:, :, ::kept, ::kept], stored[f"att{stage - 1}"], 2e-3)
        gate = read.response_gate[:, :, ::kept, ::kept]
        assert_near(gate, stored[f"stage{stage}/response_gate"], 2e-3)
        assert_near(read.writing_gate, stored[f"stage{stage}/writing_gate"])
        assert_near(read.keys, stored[f"stage{stage}/key"])
        assert_near(read.values, stored[f"stage{stage}/value"])
        assert_near(read.read.mean((2, 3)), stored[f"stage{stage}/read_mean"])


@pytest.mark.parametrize("side", CONFIG.sides)
def test_judges_and_losses(side: int) -> None:
    stored = reference("dmgan.npz")
    judge = filled(Judge(CONFIG, side), stored, f"d{side}/param/")
    sentence = stored["d/sent_emb"]
    code = judge(stored[f"d{side}/image_real"].float())
    assert_near(code, stored[f"d{side}/features_real"])
    real, wrong = judge.judge(code, sentence), judge.judge_mismatched(code, sentence)
    fake = judge.judge(judge(stored[f"d{side}/image_fake"].float()), sentence)
    for what, verdict in (("real", real), ("fake", fake)):
        for how, logits in zip(("cond", "uncond"), verdict, strict=True):
            assert_near(logits.sigmoid(), stored[f"d{side}/prob_{how}_{what}"])
    assert_near(wrong.sigmoid(), stored[f"d{side}/prob_cond_wrong"])
    assert_near(discriminator_loss(real, fake, wrong), stored[f"d{side}/loss_d"])
    assert_near(adversarial_loss([fake]), stored[f"d{side}/loss_g"])


def test_the_published_sizes_have_the_published_parameters() -> None:
    path = FOLDER / "dmgan_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        networks = (
            Generator(BIRDS),
            *(Judge(BIRDS, side) for side in BIRDS.sides),
            Generator(replace(BIRDS, blocks=3)),
        )
    for network, lines in zip(networks, parts, strict=True):
        found = [f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()]
        assert sorted(found) == sorted(line for line in lines if line.strip())
