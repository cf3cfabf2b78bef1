import numpy as np
import pytest

from segmentation.labels import COUNT
from tests.trecs.evaluation import tiny_plugins
from tests.trecs.evaluation.tiny_plugins import DOG, GRASS
from trecs.evaluation.instruments.instruments import Instruments
from trecs.evaluation.looking import BATCH, View, batches, look

DARK, LIGHT = np.full((16, 16, 3), 20, np.uint8), np.full((16, 16, 3), 220, np.uint8)


def test_a_bare_picture_has_nothing_to_compare():
    seen = look([View(DARK, 3, 5)], Instruments())
    assert (seen.photos, seen.texts) == ([3], [5])
    assert np.isnan([seen.ssim, seen.psnr, seen.lpips, seen.canvas_iou, seen.tagged]).all()
    assert seen.words == [0]
    assert not any((seen.features, seen.damsm, seen.found, seen.overlaps))


def test_compares_with_photo_label_map_and_tags():
    told = np.full((16, 16), DOG, np.uint8)
    truth = told.copy()
    truth[:8] = GRASS
    tags = np.array([DOG, GRASS], np.uint8)
    seen = look(
        [View(DARK, 0, 0, LIGHT, told, truth, tags, np.array([DOG, DOG], np.uint8))],
        Instruments(),
    )
    assert seen.psnr == [pytest.approx(20 * np.log10(255 / 200))]
    assert seen.ssim[0] < 0.3
    assert seen.canvas_iou == [pytest.approx((8 / 16 + 0) / 2)]
    assert (seen.tagged, seen.words) == ([0.5], [2])


def test_tags_of_other_words_do_not_count():
    three, two = np.zeros(3, np.uint8), np.zeros(2, np.uint8)
    assert look([View(DARK, 0, 0, tags=three, reference=two)], Instruments()).words == [0]


def test_looks_through_plugins():
    instruments = Instruments(
        encoder=tiny_plugins.lengths(),
        detector=tiny_plugins.detect,
        segmenter=tiny_plugins.segment,
    )
    tags = np.array([DOG, 0, GRASS], np.uint8)
    told = np.full((16, 16), DOG, np.uint8)
    seen = look([View(DARK, 0, 0, told=told, reference=tags), View(LIGHT, 1, 1)], instruments)
    assert np.flatnonzero(seen.named[0]).tolist() == [0, DOG]  # grass is no thing
    assert np.flatnonzero(seen.found[0]).tolist() == [DOG]
    assert not seen.named[1].any()
    assert seen.overlaps[0][[DOG, GRASS]].tolist() == [[128, 256, 128], [0, 0, 128]]
    assert seen.overlaps[1].shape == (COUNT, 3)
    assert not seen.overlaps[1].any()
    assert len(seen.encoder) == 2
    assert not seen.damsm


def test_few_pictures_are_in_memory_at_a_time():
    made = []

    def views():
        for i in range(3 * BATCH):
            made.append(i)
            yield View(DARK, i, i)

    first = next(batches(views(), BATCH))
    assert (len(first), len(made)) == (BATCH, BATCH)
    assert len(look(views(), Instruments()).photos) == 3 * BATCH
