"""Which captions the branches are given."""

import json
from pathlib import Path

import pytest
import torch

from tests.trecs.data.captioned import captioned
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.data.dataset import EVERY_SET, Dataset
from trecs.data.described import described_photos
from trecs.systems.sdgan.pairs import TwiceToldBatches, partners


@pytest.fixture
def batches(tmp_path: Path) -> TwiceToldBatches:
    """Four photos, of which three have three captions each, all different."""
    captioned(tmp_path)
    told = [("aa", "dog"), ("aa", "a dog"), ("aa", "red dog"), ("ab", "horse"), ("ab", "a horse"),
            ("ab", "brown horse"), ("ad", "grass"), ("ad", "the grass"), ("ad", "on grass"),
            ("ae", "runs")]  # fmt: skip
    lines = [json.dumps({"photo": photo, "caption": caption}) for photo, caption in told]
    (tmp_path / "flickr" / "captions.jsonl").write_text("\n".join(lines) + "\n")
    photos = described_photos(Dataset(tmp_path), sets=EVERY_SET)
    return TwiceToldBatches(photos, VOCABULARY, 6, side=8, batch=4, seed=0)


def test_every_photo_is_told_by_two_captions_of_its_own(batches: TwiceToldBatches) -> None:
    seen = set()
    for step in range(30):
        photos, first, second = batches[step]
        assert photos.shape == (4, 3, 8, 8)
        owners = []
        for one, other in zip(first, second, strict=True):
            (owner,) = (n for n, own in enumerate(batches.captions) if one in own)
            assert other in batches.captions[owner]
            assert (one == other) == (len(batches.captions[owner]) == 1)
            owners.append(owner)
            seen.add((one, other))
        assert sorted(owners) == [0, 1, 2, 3]
    assert len(seen) == 3 * 3 * 2 + 1  # every order of every two


def test_a_steps_batch_is_always_the_same(batches: TwiceToldBatches) -> None:
    once, again, later = batches[3], batches[3], batches[4]
    assert torch.equal(once[0], again[0])
    assert once[1:] == again[1:]
    assert once[1:] != later[1:]


@pytest.mark.parametrize("count", [4, 5, 8, 16])
def test_half_of_the_pairs_are_of_one_photo_and_the_others_of_two(count: int) -> None:
    order = partners(count)
    assert sorted(order.tolist()) == list(range(count))
    same = order == torch.arange(count)
    assert same.sum() == count // 2


def test_the_second_branch_is_told_of_the_partners() -> None:
    assert partners(6).tolist() == [0, 1, 2, 4, 5, 3]
