from dataclasses import replace
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from tests.trecs.systems.clip.tiny import TOKENS, tiny_clip
from tests.trecs.systems.references import assert_near
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_tokens import BytePairs
from trecs.systems.parts.contrastive import Contrastive

PICTURES = torch.rand(3, 3, 16, 16, generator=torch.Generator().manual_seed(1)) * 2 - 1
TEXTS = ["a red dog", "dog"]


def test_scores_are_the_networks_cosines() -> None:
    clip = tiny_clip()
    scores = clip.score(PICTURES, TEXTS)
    logits = clip.network(PICTURES, clip.numbers(TEXTS))
    assert scores.shape == (3, 2)
    assert_near(scores, logits / clip.network.logit_scale.exp(), 1e-6)


def test_many_are_encoded_in_parts() -> None:
    clip = tiny_clip()
    many = clip.score(PICTURES.repeat(15, 1, 1, 1), TEXTS * 20)
    assert_near(many, clip.score(PICTURES, TEXTS).repeat(15, 20), 1e-6)


def test_it_is_kept_as_it_is(tmp_path: Path) -> None:
    clip = tiny_clip()
    clip.save(tmp_path)
    again = Contrastive.load(tmp_path)
    assert again.network.config == clip.network.config
    assert_near(again.score(PICTURES, TEXTS), clip.score(PICTURES, TEXTS), 2e-3)


def test_byte_pairs_are_kept_beside_it(tmp_path: Path) -> None:
    tokens = BytePairs([("o", "g</w>"), ("d", "og</w>")])
    config = replace(ClipConfig.tiny(tokens.vocabulary), tokens="byte_pairs")
    clip = Contrastive(Clip(config), tokens)
    clip.save(tmp_path)
    assert_near(
        Contrastive.load(tmp_path).encode_texts(["dog!"]), clip.encode_texts(["dog!"]), 2e-3
    )


def test_tokens_of_another_training_are_refused() -> None:
    with pytest.raises(InputError, match=r"There are \d+ tokens, but the table.* has 99 rows"):
        Contrastive(Clip(ClipConfig.tiny(99)), TOKENS)
