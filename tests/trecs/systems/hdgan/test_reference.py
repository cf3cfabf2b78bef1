"""HDGAN against numbers computed with the authors' code."""

from dataclasses import replace

import pytest
import torch

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.systems.hdgan.config import HdGanConfig
from trecs.systems.hdgan.generator import Generator
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.least_squares import Scores, believed, local_loss, missed, pair_loss
from trecs.systems.parts.nested_judges import NestedJudges

pytestmark = pytest.mark.real_data
CONFIG = HdGanConfig(text=16, width=8, condition=6, noise=5, first=64)
PUBLISHED = replace(CONFIG, text=1024, width=128, condition=128, noise=100)


def test_all_sides_are_drawn_the_same() -> None:
    stored = reference("hdgan.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    drawn = generator(stored["noise"], stored["text_embedding"], stored["eps"])
    assert_near(drawn.mean, stored["mean"])
    assert_near(drawn.log_deviation, stored["logsigma"])
    assert_near(kl_loss(drawn.mean, 2 * drawn.log_deviation), stored["kl"])
    assert len(drawn.pictures) == 3
    for pictures in drawn.pictures:
        side = pictures.shape[-1]
        assert_near(
            pictures if side < 256 else pictures[:, :, ::2, ::2], stored[f"img{side}"], 2e-3
        )


@pytest.mark.parametrize("side", CONFIG.sides)
def test_judges_and_losses(side: int) -> None:
    stored = reference("hdgan.npz")
    judges = filled(
        NestedJudges(CONFIG.sides, text=16, told=6, encoded=32, width=4), stored, "d/param/"
    )
    scores = dict[str, Scores]()
    for what in ("real", "wrong", "fake"):
        code = judges(stored[f"d{side}/image_{what}"].float())
        one = judges.judge(side, code, stored["d/text_embedding"])
        assert_near(one.pair[:, None], stored[f"d{side}/pair_{what}"])
        assert_near(one.local[:, None], stored[f"d{side}/local_{what}"])
        scores[what] = one
    fake = scores["fake"]
    assert_near(pair_loss(**scores), stored[f"d{side}/loss_d_pair"])
    assert_near(local_loss(**scores), stored[f"d{side}/loss_d_image"])
    assert_near(missed(fake.pair, 1), stored[f"d{side}/loss_g_pair"])
    assert_near(missed(fake.local, 1), stored[f"d{side}/loss_g_image"])
    both = stored[f"d{side}/loss_g_pair"] + stored[f"d{side}/loss_g_image"]
    assert_near(believed([fake]), both)


def test_the_published_sizes_have_the_published_parameters() -> None:
    path = FOLDER / "hdgan_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        networks = (
            Generator(PUBLISHED),
            NestedJudges(PUBLISHED.sides, text=1024, told=128, encoded=512, width=128),
        )
    for network, lines in zip(networks, parts[: len(networks)], strict=True):
        found = [f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()]
        assert sorted(found) == sorted(line for line in lines if line.strip())
