from dataclasses import replace

import numpy as np
import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from tests.trecs.systems.gawwn.tiny import CONFIG, tiny_gawwn
from trecs.alignment.regions import Region
from trecs.systems.gawwn.network import Judge
from trecs.systems.gawwn.places import KIND_OF, Box, maps_of
from trecs.systems.gawwn.system import boxes_of_regions
from trecs.systems.parts.matching_aware import another, matching_aware_loss


def test_regions_have_the_boxes_of_their_hulls() -> None:
    stroke = np.array([[0.1, 0.2, 0.0], [0.5, 0.3, 1.0], [0.3, 0.8, 2.0]])
    boxes = boxes_of_regions((Region(17, 0, 1, (stroke,)), Region(156, 1, 2)))
    assert len(boxes) == 1
    np.testing.assert_allclose(boxes[0], (KIND_OF[17], 0.1, 0.2, 0.5, 0.8))


def test_the_same_words_elsewhere_are_another_picture() -> None:
    model = tiny_gawwn()
    caption = VOCABULARY.encode("a dog on the grass", 6)
    left, right = (
        model.placed(caption, (Box(3, start, 0.25, start + 0.5, 0.75),), 0).picture
        for start in (0.0, 0.5)
    )
    assert left.shape == (64, 64, 3)
    assert not np.array_equal(left, right)


def test_a_judge_tells_wrong_texts_and_wrong_places_apart() -> None:
    """Overfitting: eight white squares in corners and sides, beside random sentences."""
    torch.manual_seed(0)
    judge = Judge(replace(CONFIG, judge_width=8))
    places = [(x, y) for x in (0.0, 0.25, 0.5) for y in (0.0, 0.25, 0.5)][:8]
    photos = torch.full((8, 3, 64, 64), -1.0)
    for photo, (x, y) in zip(photos, places, strict=True):
        photo[:, int(y * 64) : int(y * 64) + 32, int(x * 64) : int(x * 64) + 32] = 1
    maps = torch.stack([maps_of([Box(0, x, y, x + 0.5, y + 0.5)]) for x, y in places])
    sentences = torch.randn(8, CONFIG.text)
    optimizer = torch.optim.Adam(judge.parameters(), 1e-2)
    for _ in range(100):
        code = judge(photos)
        right = judge.decide(code, sentences, maps)
        wrong = judge.decide(code, another(sentences), maps)
        moved = judge.decide(code, sentences, another(maps))
        loss = matching_aware_loss(right, wrong, moved)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (right > 0).all()
    assert (wrong < 0).all()
    assert (moved < 0).all()
