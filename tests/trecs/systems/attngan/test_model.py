from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from files.weights import load_tensors
from tests.trecs.systems.attngan.tiny import CONFIG, VOCABULARY, tiny_attngan, tiny_networks
from trecs.systems.attngan.model import AttnGan


def test_a_caption_becomes_a_picture_of_every_stage() -> None:
    drawn = tiny_attngan().draw("A brown zebra runs", seed=3)
    assert drawn.caption.words == ("a", "brown", "runs")
    assert drawn.caption.skipped == ("zebra",)
    assert [(p.shape, p.dtype) for p in drawn.pictures] == [
        ((side, side, 3), np.uint8) for side in (64, 128, 256)
    ]
    assert drawn.picture is drawn.pictures[2]
    assert drawn.picture.std() > 20
    assert {stage: a.shape for stage, a in drawn.attention.items()} == {
        2: (3, 64, 64),
        3: (3, 128, 128),
    }
    for attention in drawn.attention.values():
        assert attention.dtype == np.float32
        assert attention.sum(0) == pytest.approx(1, abs=1e-5)


def test_the_same_caption_and_seed_give_the_same_picture() -> None:
    model = tiny_attngan()
    first, again = (model.draw("a red dog", seed=1).picture for _ in range(2))
    assert np.array_equal(first, again)
    assert np.array_equal(first, model.draw(["A", "red", "dog!"], seed=1).picture)
    assert not np.array_equal(first, model.draw("a red dog", seed=2).picture)
    assert not np.array_equal(first, model.draw("the sky", seed=1).picture)


def test_long_captions_are_cut() -> None:
    drawn = tiny_attngan().draw("the red dog runs on the brown grass")
    assert len(drawn.caption.words) == CONFIG.words
    assert drawn.caption.cut == ("brown", "grass")


def test_folders_go_round(tmp_path: Path) -> None:
    model = tiny_attngan()
    model.save(tmp_path)
    read = AttnGan.load(tmp_path)
    assert read.networks.config == CONFIG
    assert read.vocabulary == VOCABULARY
    assert np.array_equal(read.draw("a dog").picture, model.draw("a dog").picture)


def test_half_is_stored_where_float16_can_hold_it(tmp_path: Path) -> None:
    model = tiny_attngan()
    model.networks.get_buffer("generator.h_net1.fc.1.running_var").fill_(1e6)
    model.save(tmp_path, small=True)
    stored = load_tensors(tmp_path)
    assert stored["generator.h_net1.fc.0.weight"].dtype == torch.float16
    assert stored["generator.h_net1.fc.1.running_var"].dtype == torch.float32
    near = AttnGan.load(tmp_path).draw("a dog").picture.astype(int)
    assert np.abs(near - model.draw("a dog").picture).max() <= 2


def test_another_vocabulary_is_refused(tmp_path: Path) -> None:
    tiny_attngan().save(tmp_path)
    (tmp_path / "vocab.txt").write_text("<end>\na\ndog\n")
    with pytest.raises(InputError, match=r"The vocabulary has 3 words, .* has 12 rows"):
        AttnGan.load(tmp_path)
    with pytest.raises(InputError, match=r"has 12 words, .* has 13 rows"):
        AttnGan(tiny_networks(replace(CONFIG, vocabulary=13)), VOCABULARY)


def test_damaged_folders_are_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match=r"config\.json is missing"):
        AttnGan.load(tmp_path)
    tiny_attngan().save(tmp_path)
    record = (tmp_path / "config.json").read_text()
    (tmp_path / "config.json").write_text(record.replace('"stages": 3', '"stages": 2'))
    with pytest.raises(InputError, match="do not fit its config"):
        AttnGan.load(tmp_path)
    (tmp_path / "config.json").write_text(record.replace('"stages": 3', '"stages": 9'))
    with pytest.raises(InputError, match="AttnGAN has 1, 2 or 3 stages, not 9"):
        AttnGan.load(tmp_path)
