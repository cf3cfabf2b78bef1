"""ControlGAN against numbers computed with the authors' code."""

from dataclasses import replace
from typing import Any

import pytest
import torch
from torch import Tensor, nn

from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.learning.judge import Verdict, adversarial_loss, discriminator_loss
from trecs.systems.controlgan.config import ControlGanConfig
from trecs.systems.controlgan.correlation import correlation, word_cosines, word_importance
from trecs.systems.controlgan.generator import Generator
from trecs.systems.controlgan.losses import correlation_loss
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.discriminator import Discriminator

pytestmark = pytest.mark.real_data
CONFIG = ControlGanConfig(text=8, width=4, judge_width=2, condition=6, noise=5, blocks=2, first=64)
BIRDS = replace(CONFIG, text=256, width=32, judge_width=64, condition=100, noise=100)
COCO = replace(BIRDS, width=48, judge_width=96, blocks=3)
UNUSED = tuple(
    f"h_net{stage}.{layer}"
    for stage, other in ((2, 3), (3, 2))
    for layer in ("att.conv_context2", "att.conv_context3", f"channel_att.conv_context{other}")
)
"""Layers that the authors' code has and never calls."""


def with_padding(module: nn.Module, given: tuple[Any, ...]) -> tuple[Any, ...]:
    """Lets channels attend to padding, as they do in the authors' code."""
    context, words, padding = given
    return context, words, torch.zeros_like(padding)


def used(name: str) -> bool:
    return not name.startswith(UNUSED)


def test_all_stages_draw_the_same_of_places_and_channels() -> None:
    stored = reference("controlgan.npz")
    prefix = "g/param/"
    kept = {name: value for name, value in stored.items() if used(name.removeprefix(prefix))}
    generator = filled(Generator(CONFIG), kept, prefix)
    for stage in (2, 3):
        attention = generator.get_submodule(f"h_net{stage}.channel_att")
        attention.register_forward_pre_hook(with_padding)
    given = (stored[name] for name in ("noise", "eps", "sent_emb", "words_emb", "mask"))
    drawn = generator(*given)
    assert_near(drawn.mean, stored["mu"])
    assert_near(drawn.log_variance, stored["logvar"])
    assert_near(kl_loss(drawn.mean, drawn.log_variance), stored["kl"])
    for pictures in drawn.pictures:
        side = pictures.shape[-1]
        shown = pictures if side < 256 else pictures[:, :, ::2, ::2]
        assert_near(shown, stored[f"img{side}"], 2e-3)
    for stage, attended in enumerate(drawn.attended, 2):
        every = stage - 1  # so many places of the stored maps are one
        assert_near(attended.words[:, :, ::every, ::every], stored[f"att{stage - 1}"], 2e-3)
        assert_near(attended.channels.shares, stored[f"stage{stage}/channel_attention"])
        context = attended.channels.context[:, :, ::every, ::every]
        assert_near(context, stored[f"stage{stage}/channel_context"], 2e-3)


@pytest.mark.parametrize("side", CONFIG.sides)
def test_judges_and_losses(side: int) -> None:
    stored = reference("controlgan.npz")
    judge = filled(Discriminator(side, 2, 8), stored, f"d{side}/param/")
    sentence = stored["d/sent_emb"]
    real = judge(stored[f"d{side}/image_real"].float())
    assert_near(real, stored[f"d{side}/features_real"])
    codes = {"real": real, "fake": judge(stored[f"d{side}/image_fake"].float())}
    verdicts = dict[str, Verdict]()
    for what, code in codes.items():
        verdicts[what] = judge.judge(code, sentence)
        for how, logits in zip(("cond", "uncond"), verdicts[what], strict=True):
            assert_near(logits.sigmoid(), stored[f"d{side}/prob_{how}_{what}"])
    mismatched = judge.judge_mismatched(real, sentence)
    assert_near(mismatched.sigmoid(), stored[f"d{side}/prob_cond_wrong"])
    loss = discriminator_loss(verdicts["real"], verdicts["fake"], mismatched)
    assert_near(loss, stored[f"d{side}/loss_d"])
    assert_near(adversarial_loss([verdicts["fake"]]), stored[f"d{side}/loss_g"])


def scored(stored: dict[str, Tensor], which: str) -> Tensor:
    """The authors' logits (B,) of stored regions beside the words of `which` captions."""
    places, words = stored["word/image_features"].flatten(2), stored[f"word/words_emb{which}"]
    padding = torch.arange(words.shape[2]) >= stored[f"word/lengths{which}"][:, None]
    cosines = word_cosines(places, words, padding)
    return correlation(cosines, (~padding).float())


def test_the_word_level_judge_scores_the_same() -> None:
    stored = reference("controlgan.npz")
    own, others = scored(stored, ""), scored(stored, "_wrong")
    for logits, name in ((own, "matched"), (others, "mismatched")):
        assert_near(logits, stored[f"word/{name}_logit"])
        assert_near(logits.sigmoid(), stored[f"word/{name}_score"])
    both = (stored["word/matched_loss"] + stored["word/mismatched_loss"]) / 2
    assert_near(correlation_loss(own, others), both)


def test_the_authors_importance_of_words_changes_nothing() -> None:
    """Their score is met without it, though it is far from even: a cosine cancels it."""
    stored = reference("controlgan.npz")
    words, lengths = stored["word/words_emb"], stored["word/lengths"]
    padding = torch.arange(words.shape[2]) >= lengths[:, None]
    assert word_importance(words, padding).amax(1).min() > 2 / 7
    assert_near(scored(stored, ""), stored["word/matched_logit"])


@pytest.mark.parametrize(("config", "first"), [(BIRDS, 0), (COCO, 4)], ids=["birds", "coco"])
def test_the_published_sizes_have_the_published_parameters(
    config: ControlGanConfig, first: int
) -> None:
    """All but those of layers that the authors' code never uses."""
    path = FOLDER / "controlgan_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        judges = (Discriminator(side, config.judge_width, config.text) for side in config.sides)
        networks = (Generator(config), *judges)
    for network, lines in zip(networks, parts[first : first + 4], strict=True):
        found = [f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()]
        assert sorted(found) == sorted(line for line in lines if line.strip() and used(line))
