import pytest
import torch

from trecs.systems.parts.least_squares import judges_loss
from trecs.systems.parts.matching_aware import another
from trecs.systems.parts.nested_judges import NestedJudges


def judges(*sides: int) -> NestedJudges:
    torch.manual_seed(0)
    return NestedJudges(sides, text=5, told=3, encoded=16, width=2)


@torch.no_grad()
@pytest.mark.parametrize("sides", [(16, 32, 64), (64, 128, 256), (16,)])
def test_the_largest_pictures_have_several_patches(sides: tuple[int, ...]) -> None:
    nested, sentence = judges(*sides), torch.randn(2, 5)
    for side in sides:
        code = nested(torch.randn(2, 3, side, side))
        places, patches = (8, 5) if side == sides[-1] else (4, 1)
        assert code.shape == (2, 8, places, places)
        scores = nested.judge(side, code, sentence)
        assert (scores.pair.shape, scores.local.shape) == ((2,), (2, patches, patches))


@torch.no_grad()
def test_patches_know_nothing_of_the_sentence() -> None:
    nested = judges(16, 32).eval()
    for side in nested.sides:
        code = nested(torch.randn(2, 3, side, side))
        first, second = (nested.judge(side, code, torch.randn(2, 5)) for _ in range(2))
        assert torch.equal(first.local, second.local)
        assert not torch.allclose(first.pair, second.pair, atol=1e-4)


@torch.no_grad()
def test_a_patch_is_judged_by_its_neighbourhood() -> None:
    """What changes in a corner changes no score at the other end."""
    nested = judges(64).eval()
    pictures = torch.randn(2, 3, 64, 64)
    changed = pictures.clone()
    changed[:, :, :8, :8] = 1
    before, after = (nested.judge(64, nested(x), torch.zeros(2, 5)).local
                     for x in (pictures, changed))  # fmt: skip
    differ = (before - after).abs() > 0
    assert differ[:, 0, 0].all()
    assert not differ[:, :, 3:].any()
    assert not differ[:, 3:].any()


def test_judges_tell_wrong_texts_apart() -> None:
    """Overfitting: eight pictures of one colour each, which the sentences say."""
    nested = judges(16)
    colours = torch.rand(8, 3) * 2 - 1
    sentences = torch.cat([colours, torch.randn(8, 2)], 1)
    photos = colours[..., None, None].expand(-1, -1, 16, 16)
    optimizer = torch.optim.Adam(nested.parameters(), 1e-2)
    for _ in range(150):
        code = nested(photos)
        real = nested.judge(16, code, sentences)
        wrong = nested.judge(16, another(code), sentences)
        fake = nested.judge(16, nested(torch.randn(8, 3, 16, 16)), sentences)
        loss = judges_loss(real, wrong, fake)
        optimizer.zero_grad()
        loss.backward()
        optimizer.step()
    assert (real.pair > 0.5).all()
    assert (wrong.pair < 0.5).all()
    assert (fake.pair < 0.5).all()
    assert (torch.cat([real.local, wrong.local]) > 0.5).all()
    assert (fake.local < 0.5).all()


@torch.no_grad()
def test_photos_others_and_drawn_pictures_are_judged_together() -> None:
    """In that order; norms that learn nothing judge them as they do one by one."""
    nested, sentence = judges(16, 32).eval(), torch.randn(3, 5)
    photos, pictures = torch.randn(2, 3, 3, 16, 16)
    codes = nested.together(photos, pictures)
    found = nested.judge(16, codes, sentence.repeat(3, 1)).thirds()
    for one, seen in zip(found, (photos, another(photos), pictures), strict=True):
        expected = nested.judge(16, nested(seen), sentence)
        torch.testing.assert_close(one.pair, expected.pair)
        torch.testing.assert_close(one.local, expected.local)


@torch.no_grad()
def test_norms_over_both_tell_how_strong_contrasts_are() -> None:
    """Norms over drawn pictures alone do not: three times as strong ones are judged as before."""
    nested, sentence = judges(16, 32), torch.zeros(4, 5)
    photos = torch.randn(4, 3, 16, 16)
    alone, together = [], []
    for factor in (1.0, 3.0):
        pictures = photos * factor
        alone.append(nested.judge(16, nested(pictures), sentence).local)
        codes = nested.together(photos, pictures)
        together.append(nested.judge(16, codes, sentence.repeat(3, 1)).thirds()[-1].local)
    torch.testing.assert_close(*alone, atol=1e-3, rtol=1e-3)
    assert (together[0] - together[1]).abs().max() > 0.05
