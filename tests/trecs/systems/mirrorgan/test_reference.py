"""MirrorGAN against numbers computed with the authors' code."""

from dataclasses import replace

import pytest
import torch
from torch import nn
from torch.nn.utils.rnn import pack_padded_sequence

from tests.trecs.systems.mirrorgan.greedy import greedy
from tests.trecs.systems.references import FOLDER, assert_near, filled, reference
from trecs.learning.judge import Verdict, discriminator_loss
from trecs.systems.mirrorgan.captioner import CaptionDecoder, PictureFeatures, caption_loss
from trecs.systems.mirrorgan.config import MirrorGanConfig
from trecs.systems.mirrorgan.generator import Generator
from trecs.systems.mirrorgan.losses import generator_loss
from trecs.systems.parts.conditioning import kl_loss
from trecs.systems.parts.discriminator import Discriminator

pytestmark = pytest.mark.real_data
CONFIG = MirrorGanConfig(text=8, width=4, judge_width=2, condition=6, noise=5, blocks=2, first=64)
PUBLISHED = replace(CONFIG, text=256, width=32, judge_width=64, condition=100, noise=100)
WORDS, EMBEDDING, HIDDEN, POOLED = 20, 8, 12, 32  # of the stored captioner


def test_all_stages_draw_and_attend_the_same() -> None:
    stored = reference("mirrorgan.npz")
    generator = filled(Generator(CONFIG), stored, "g/param/")
    drawn = generator(
        stored["noise"], stored["eps"], stored["sent_emb"], stored["words_emb"], stored["mask"]
    )
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
        channels = attended.sentence[:, :, ::every, ::every]
        assert_near(channels, stored[f"stage{stage}/sentence_attention"], 2e-3)
        for name in ("word", "sentence"):
            context = getattr(attended, f"{name}_context").mean((2, 3))
            assert_near(context, stored[f"stage{stage}/{name}_context_mean"])


@pytest.mark.parametrize("side", CONFIG.sides)
def test_judges_and_losses(side: int) -> None:
    stored = reference("mirrorgan.npz")
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
    standard = torch.zeros_like(sentence)
    found = generator_loss([verdicts["fake"]], torch.zeros(()), standard, standard)
    assert_near(found, stored[f"d{side}/loss_g"])


def test_the_captioner_reads_the_same() -> None:
    stored = reference("mirrorgan.npz")
    cnn = filled(PictureFeatures(POOLED, EMBEDDING), stored, "caption_cnn/param/")
    rnn = filled(CaptionDecoder(WORDS, EMBEDDING, HIDDEN), stored, "caption_rnn/param/")
    features = cnn(stored["caption/pooled"])
    assert_near(features, stored["caption/features"])
    captions, lengths = stored["caption/captions"], stored["caption/lengths"]
    logits = rnn(features, captions)
    for found, name in ((logits, "logits"), (captions, "targets")):
        packed = pack_padded_sequence(found, lengths, batch_first=True)
        assert_near(packed.data, stored[f"caption/{name}_packed"])
    assert_near(caption_loss(logits, captions, lengths), stored["caption/loss"])
    assert torch.equal(greedy(rnn, features), stored["caption/greedy"])


def test_the_published_sizes_have_the_published_parameters() -> None:
    path = FOLDER / "mirrorgan_parameters.txt"
    if not path.is_file():
        pytest.skip(f"no list of parameters in '{path}'")
    parts = [part.splitlines()[1:] for part in path.read_text().split("# ")[1:]]
    with torch.device("meta"):
        judges = (Discriminator(side, 64, 256) for side in PUBLISHED.sides)
        networks: tuple[nn.Module, ...] = (Generator(PUBLISHED), *judges)
    for network, lines in zip(networks, parts[: len(networks)], strict=True):
        found = [f"{name} {tuple(value.shape)}" for name, value in network.state_dict().items()]
        assert sorted(found) == sorted(line for line in lines if line.strip())
