import pytest
import torch

from trecs.synthesis.condition import Condition
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.painter.told import SIDE, Told
from trecs.synthesis.painter.unet import UNetConfig
from trecs.synthesis.thumbnail import ThumbnailConfig, ThumbnailFlow


def canvases() -> tuple[torch.Tensor, torch.Tensor]:
    generator = torch.Generator().manual_seed(0)
    labels = torch.randint(0, 182, (2, 8, 8), generator=generator)
    labels = labels.repeat_interleave(16, 1).repeat_interleave(16, 2)
    return labels, labels % 3


def noise(seed: int = 0) -> torch.Tensor:
    return torch.randn(2, 3, SIDE, SIDE, generator=torch.Generator().manual_seed(seed))


@pytest.mark.parametrize("colours", [False, True])
def test_it_goes_on_from_the_flow_of_the_generator(colours: bool) -> None:
    """With further blocks, attention and colours told: all of them say nothing at first."""
    torch.manual_seed(0)
    flow = ThumbnailFlow(ThumbnailConfig.tiny()).eval()
    with torch.no_grad():
        for parameter in flow.parameters():  # those that begin at zero, too
            parameter.normal_(0, 0.1)
    config = UNetConfig((8, 8, 16), more=(1, 2, 1), attention=True)
    stage = ThumbnailStage(ThumbnailStageConfig(config)).eval()
    stage.begin_with(flow)
    labels, instances = canvases()
    known = (torch.zeros_like(labels), torch.full((2, 255, 3), 40.0)) if colours else ()
    with torch.no_grad():
        expected = flow.draw(Condition(labels, instances), noise())
        torch.testing.assert_close(
            stage.draw(Told.of(labels, instances, *known), noise()), expected
        )


def test_widths_that_differ_are_told() -> None:
    with pytest.raises(ValueError, match="widths"):
        ThumbnailStage(ThumbnailStageConfig()).begin_with(ThumbnailFlow(ThumbnailConfig.tiny()))


def test_guidance_of_one_is_none() -> None:
    torch.manual_seed(0)
    plain = ThumbnailStage(ThumbnailStageConfig.tiny()).eval()
    told = Told.of(*canvases())
    drawn = {}
    for guidance in (1.0, 1.0 + 1e-6, 3.0):
        stage = ThumbnailStage(ThumbnailStageConfig(UNetConfig.tiny(), guidance)).eval()
        stage.load_state_dict(plain.state_dict())
        with torch.no_grad():
            drawn[guidance] = stage.draw(told, noise())
    torch.testing.assert_close(drawn[1.0], drawn[1.0 + 1e-6], atol=1e-3, rtol=0)
    assert (drawn[1.0] - drawn[3.0]).abs().max() > 1e-2
