import pytest
import torch

from segmentation.labels import value_of
from trecs.synthesis.painter.thumbnails import (
    FOLLOWED,
    STEPS,
    ThumbnailStage,
    ThumbnailStageConfig,
    with_shortcuts,
)
from trecs.synthesis.painter.told import POINTS, SIDE, Told
from trecs.synthesis.painter.unet import UNetConfig


def canvases() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 182, (2, 8, 8), generator=generator)
    labels = labels.repeat_interleave(16, 1).repeat_interleave(16, 2)
    return labels, labels % 3


def noise(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


@pytest.fixture
def stage() -> ThumbnailStage:
    torch.manual_seed(0)
    return ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny())).eval().requires_grad_(False)


def test_the_canvas_and_the_noise_decide(stage: ThumbnailStage) -> None:
    labels, instances = canvases()
    told, other = Told.of(labels, instances), Told.of(labels.flip(1), instances)
    first = stage.draw(told, noise())
    assert first.shape == (2, 3, SIDE, SIDE)
    assert first.abs().max() <= 1
    assert torch.equal(first, stage.draw(told, noise()))
    assert not torch.allclose(first, stage.draw(told, noise(1)))
    assert not torch.allclose(first, stage.draw(other, noise()))


def test_finished_thumbnails_stay_as_they_are(stage: ThumbnailStage) -> None:
    given = noise().clamp(-1, 1)
    assert torch.equal(stage.finish(Told.of(*canvases()), given, STEPS), given)


def test_labels_that_were_never_seen_lean_on_their_family(stage: ThumbnailStage) -> None:
    stage.reader.label.weight.zero_()
    pictures = []
    for name in ("cow", "horse", "car"):
        labels = torch.full((2, POINTS, POINTS), value_of(name))
        pictures.append(stage.draw(Told.of(labels, torch.zeros_like(labels)), noise()))
    torch.testing.assert_close(pictures[0], pictures[1])
    assert not torch.allclose(pictures[0], pictures[2])


def test_shortcuts_begin_as_the_flow(stage: ThumbnailStage) -> None:
    """Whoever is ready to learn them draws as before, in as many steps."""
    wider, told = with_shortcuts(stage).eval().requires_grad_(False), Told.of(*canvases())
    assert wider.config.shortcuts
    torch.testing.assert_close(wider.finish(told, noise(), 0), stage.draw(told, noise()))
    assert with_shortcuts(wider) is wider


def test_the_flow_is_followed_from_any_time(stage: ThumbnailStage) -> None:
    wider, told = with_shortcuts(stage).eval().requires_grad_(False), Told.of(*canvases())
    whole = wider.followed(told, noise(), torch.zeros(2), FOLLOWED)
    half = wider.followed(told, noise(), torch.zeros(2), FOLLOWED // 2)
    rest = wider.followed(told, half, torch.full((2,), 0.5), FOLLOWED // 2)
    torch.testing.assert_close(rest, whole)
    fewer = wider.finish(told, noise(), 0)
    assert (fewer - whole).square().mean() < (noise() - whole).square().mean() / 4


def test_only_steps_that_were_learned_are_taken() -> None:
    assert ThumbnailStageConfig(shortcuts=True, steps=2).steps == 2
    for shortcuts, steps in ((False, 4), (True, 3)):
        with pytest.raises(ValueError, match=f"steps {steps}; expected 8"):
            ThumbnailStageConfig(shortcuts=shortcuts, steps=steps)


def test_guidance_of_one_is_none() -> None:
    torch.manual_seed(0)
    plain = ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny())).eval()
    told = Told.of(*canvases())
    drawn = {}
    for guidance in (1.0, 1.0 + 1e-6, 3.0):
        stage = ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny(), guidance)).eval()
        stage.load_state_dict(plain.state_dict())
        with torch.no_grad():
            drawn[guidance] = stage.draw(told, noise())
    torch.testing.assert_close(drawn[1.0], drawn[1.0 + 1e-6], atol=1e-3, rtol=0)
    assert (drawn[1.0] - drawn[3.0]).abs().max() > 1e-2
