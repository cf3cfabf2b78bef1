from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.clip.tiny import tiny_clip
from trecs.evaluation.instruments.instruments import Instruments, Named
from trecs.evaluation.instruments.matching import ClipEncoder, DamsmEncoder
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_tokens import BytePairs
from trecs.systems.parts.contrastive import Contrastive
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks
from trecs.systems.parts.image_encoder import EfficientNetEncoder


@pytest.fixture
def damsm(monkeypatch: pytest.MonkeyPatch) -> Damsm:
    monkeypatch.setattr(EfficientNetEncoder, "load_trunk", lambda _: None)
    torch.manual_seed(0)
    return Damsm(DamsmNetworks(DamsmConfig.tiny(len(VOCABULARY))), VOCABULARY)


def test_texts_without_a_known_word_match_nothing(damsm: Damsm) -> None:
    vectors = DamsmEncoder(damsm).texts(["a dog", "zebra", "the red dog"])
    assert vectors.shape == (3, 8)
    assert not vectors[1].any()
    torch.testing.assert_close(torch.from_numpy(vectors[:1]), damsm.encode_texts(["a dog"]))


def test_pictures_are_8_bit(damsm: Damsm) -> None:
    pixels = np.random.default_rng(0).integers(256, size=(2, 40, 50, 3)).astype(np.uint8)
    vectors = DamsmEncoder(damsm).pictures(pixels)
    same = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1
    torch.testing.assert_close(torch.from_numpy(vectors), damsm.encode_pictures(same))


def test_the_checkpoints_own_serves_where_none_is_given(damsm: Damsm, tmp_path: Path) -> None:
    folder = tmp_path / "damsm"
    damsm.save(folder)
    instruments = Instruments.load(Named(defaults={"damsm": folder}))
    assert isinstance(instruments.damsm, DamsmEncoder)
    assert instruments.names["damsm"] == f"{tmp_path.name}/damsm"
    named = Instruments.load(Named(damsm=str(folder)))
    assert isinstance(named.damsm, DamsmEncoder)
    (folder / "vocab.txt").unlink()
    without = Instruments.load(Named(defaults={"damsm": folder}))
    assert without.damsm is None
    assert "vocab.txt" in without.missing["damsm"]


def test_a_clip_measures_as_it_scores() -> None:
    pixels = np.random.default_rng(0).integers(256, size=(2, 16, 16, 3)).astype(np.uint8)
    encoder = ClipEncoder(tiny_clip())
    texts, pictures = encoder.texts(["a dog", "zebra", "the red dog"]), encoder.pictures(pixels)
    assert not texts[1].any()
    same = torch.from_numpy(pixels).permute(0, 3, 1, 2) / 127.5 - 1
    expected = tiny_clip().score(same, ["a dog", "the red dog"])
    np.testing.assert_allclose((pictures @ texts.T)[:, [0, 2]], expected, atol=1e-5)


@pytest.mark.parametrize("kind", ["damsm", "encoder"])
def test_a_clip_that_was_trained_here_is_told_as_that(kind: str, tmp_path: Path) -> None:
    tiny_clip().save(tmp_path)
    given = str(tmp_path)
    named = Named(damsm=given) if kind == "damsm" else Named(encoder=given)
    instruments = Instruments.load(named)
    assert isinstance(getattr(instruments, kind), ClipEncoder)
    assert instruments.names[kind] == (
        f"{tmp_path} (taught by the training photos; it leads CLIP's drawings and chooses among "
        "DALL-E's where it is installed)"
    )


def test_a_released_clip_leads_and_chooses_too() -> None:
    pairs = BytePairs([("o", "g</w>")])
    config = replace(ClipConfig.tiny(pairs.vocabulary), tokens="byte_pairs")
    told = ClipEncoder(Contrastive(Clip(config), pairs)).caution
    assert told == "it leads CLIP's drawings and chooses among DALL-E's where it is installed"
