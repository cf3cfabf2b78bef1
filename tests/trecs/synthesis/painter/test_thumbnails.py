import numpy as np
import pytest
import torch

from segmentation.labels import value_of
from trecs.synthesis.painter.thumbnails import (
    TIMES,
    ThumbnailStage,
    ThumbnailStageConfig,
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
    return ThumbnailStage(ThumbnailStageConfig.tiny()).eval().requires_grad_(False)


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
    assert torch.equal(stage.finish(Told.of(*canvases()), given, stage.moments_from(1)), given)


def test_what_is_left_of_its_moments(stage: ThumbnailStage) -> None:
    assert stage.moments_from(0) == TIMES
    assert stage.moments_from(np.float32(TIMES[1]).item()) == TIMES[1:]  # as a batch has it


def test_labels_that_were_never_seen_lean_on_their_family(stage: ThumbnailStage) -> None:
    stage.reader.label.weight.zero_()
    pictures = []
    for name in ("cow", "horse", "car"):
        labels = torch.full((2, POINTS, POINTS), value_of(name))
        pictures.append(stage.draw(Told.of(labels, torch.zeros_like(labels)), noise()))
    torch.testing.assert_close(pictures[0], pictures[1])
    assert not torch.allclose(pictures[0], pictures[2])


def test_guidance_of_one_is_none() -> None:
    torch.manual_seed(0)
    plain = ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny(), 1.0)).eval()
    told = Told.of(*canvases())
    drawn = {}
    for guidance in (1.0, 1.0 + 1e-6, 3.0):
        stage = ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny(), guidance)).eval()
        stage.load_state_dict(plain.state_dict())
        with torch.no_grad():
            drawn[guidance] = stage.draw(told, noise())
    torch.testing.assert_close(drawn[1.0], drawn[1.0 + 1e-6], atol=1e-3, rtol=0)
    assert (drawn[1.0] - drawn[3.0]).abs().max() > 1e-2
