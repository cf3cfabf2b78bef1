from dataclasses import replace

import numpy as np
import pytest
import torch

from segmentation.canvas import Canvas
from segmentation.labels import value_of
from trecs.synthesis.condition import Condition
from trecs.synthesis.thumbnail import SIDE, STEPS, ThumbnailConfig, ThumbnailFlow, velocity_loss


@pytest.fixture
def flow() -> ThumbnailFlow:
    torch.manual_seed(0)
    return ThumbnailFlow(ThumbnailConfig.tiny()).eval().requires_grad_(False)


def condition(label: int = 17) -> Condition:
    labels = np.full((64, 64), 123, np.uint8)
    labels[16:48, 16:48] = label
    return Condition.of(Canvas(labels, (labels == label).astype(np.int32)))


def noise() -> torch.Tensor:
    return torch.randn(1, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(1))


class Knows(ThumbnailFlow):
    """A flow that has learned one thumbnail by heart."""

    def _denoised(self, noisy: torch.Tensor, *_: torch.Tensor) -> torch.Tensor:
        return torch.full_like(noisy, 0.25)


def test_steps_lead_to_the_thumbnail_that_the_network_names():
    known = Knows(ThumbnailConfig.tiny()).draw(condition(), noise())
    torch.testing.assert_close(known, torch.full((1, 3, SIDE, SIDE), 0.25))


def test_the_canvas_and_the_noise_decide(flow: ThumbnailFlow):
    drawn = flow.draw(condition(), noise())
    assert drawn.shape == (1, 3, SIDE, SIDE)
    assert drawn.abs().max() <= 1
    assert torch.equal(drawn, flow.draw(condition(), noise()))
    assert not torch.allclose(drawn, flow.draw(condition(), -noise()))
    assert not torch.allclose(drawn, flow.draw(condition(3), noise()))


def test_a_canvas_of_another_size_has_the_same_thumbnail(flow: ThumbnailFlow):
    small = condition()
    torch.testing.assert_close(
        flow.draw(small.resized(256, 256), noise()), flow.draw(small, noise()), atol=0.01, rtol=0
    )


def test_guidance_goes_on_from_any_picture_to_one_of_the_canvas(flow: ThumbnailFlow):
    ends = []
    for guidance in (0.0, 1.0, 1.5):
        flow.config = replace(flow.config, guidance=guidance)
        noisy = 0.1 * noise()
        ends.append(flow.finish(condition(), noisy, STEPS - 1))  # one step: just its end
    anywhere, here, beyond = ends
    torch.testing.assert_close(beyond, anywhere + 1.5 * (here - anywhere), atol=1e-5, rtol=0)
    flow.config = replace(flow.config, guidance=0.0)
    assert torch.equal(anywhere, flow.finish(condition(3), 0.1 * noise(), STEPS - 1))


def test_training_hides_some_canvases(flow: ThumbnailFlow, monkeypatch: pytest.MonkeyPatch):
    time = torch.full((1,), 0.5)
    seen = []
    for share in (1.0, 0.0):  # of canvases that are hidden
        monkeypatch.setattr("trecs.synthesis.thumbnail.UNTOLD", share)
        monkeypatch.setattr("trecs.synthesis.thumbnail.HIDDEN", 0.0)
        flow.train()
        for module in flow.modules():
            if isinstance(module, torch.nn.Dropout2d):
                module.eval()
        seen.append([flow(noise(), time, condition(label)) for label in (17, 3)])
    assert torch.equal(*seen[0])
    assert not torch.equal(*seen[1])


def test_finished_thumbnails_stay_as_they_are(flow: ThumbnailFlow):
    given = noise().clamp(-1, 1)
    assert torch.equal(flow.finish(condition(), given, STEPS), given)


def test_labels_that_were_never_seen_lean_on_their_family(flow: ThumbnailFlow):
    flow.label.weight.zero_()
    cow, horse, car = (condition(value_of(name)) for name in ("cow", "horse", "car"))
    torch.testing.assert_close(flow.draw(cow, noise()), flow.draw(horse, noise()))
    assert not torch.allclose(flow.draw(cow, noise()), flow.draw(car, noise()))


def test_the_loss_is_of_the_velocity():
    drawn, true = torch.full((2, 3, 4, 4), 0.5), torch.zeros(2, 3, 4, 4)
    time = torch.tensor([0.5, 0.99])
    # (0.5 / 0.5)^2 and, the time left being at least 0.1, (0.5 / 0.1)^2
    torch.testing.assert_close(velocity_loss(drawn, true, time), torch.tensor((1.0 + 25.0) / 2))
