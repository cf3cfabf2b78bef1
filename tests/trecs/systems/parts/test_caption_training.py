from pathlib import Path

import numpy as np
import pytest
import torch

from files.errors import InputError
from tests.trecs.data.captioned import CAPTIONS, captioned
from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.gan_int_cls.tiny import tiny_gan_int_cls
from trecs.systems.parts.caption_training import (
    CaptionBatches,
    sentences_of,
    trainable_photos,
)


def test_batches_have_different_photos_and_a_caption_of_each(tmp_path: Path) -> None:
    batches = CaptionBatches(
        trainable_photos(captioned(tmp_path), 3), VOCABULARY, 6, side=16, batch=3, seed=0
    )
    photos, texts = batches[0]
    assert photos.shape == (3, 3, 16, 16)
    assert -1 <= photos.min() < photos.max() <= 1
    told = {VOCABULARY.encode(text, 6).numbers for text in CAPTIONS}
    assert len(set(texts)) == 3
    assert set(texts) <= told
    assert torch.equal(batches[0][0], photos)
    assert not torch.equal(batches[1][0], photos)


def test_too_large_a_batch_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="A batch of 5 cannot be drawn from the 4 photos"):
        trainable_photos(captioned(tmp_path), 5)


@torch.no_grad()
def test_sentences_are_read_one_as_in_a_batch() -> None:
    networks = tiny_gan_int_cls().networks
    texts: list[list[tuple[int, ...]]] = [[(1, 2, 3)], [(4,), (5, 6)]]
    together = sentences_of(networks, texts)
    alone = torch.cat([sentences_of(networks, [[one]]) for some in texts for one in some])
    np.testing.assert_allclose(together, alone, atol=1e-6)
