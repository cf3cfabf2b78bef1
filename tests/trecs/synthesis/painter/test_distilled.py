from dataclasses import replace
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from files.weights import BUNDLED
from trecs.synthesis import Generator
from trecs.synthesis.painter import distilled
from trecs.synthesis.painter.distilled import (
    digest_of,
    load_distilled,
    load_drawing,
    save_distilled,
    save_drawing,
)
from trecs.synthesis.painter.painter import save_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig

TIMES = (0.0, 0.4, 1.0)


@pytest.fixture
def flow() -> ThumbnailStage:
    torch.manual_seed(0)
    return ThumbnailStage(ThumbnailStageConfig.tiny()).eval()


def changed(flow: ThumbnailStage, rank: int) -> ThumbnailStage:
    """A stage of few steps whose matrices are off by some of so low a rank."""
    torch.manual_seed(1)
    config = replace(flow.config, guidance=1.0, times=TIMES, extrapolated=False)
    stage = ThumbnailStage(config).eval()
    state = {}
    for name, value in flow.state_dict().items():
        rows = value.flatten(1) if value.ndim > 1 else value[None]
        thin = torch.randn(len(rows), rank) @ torch.randn(rank, rows.shape[1])
        state[name] = value + 0.01 * thin.view(value.shape)
    stage.load_state_dict(state)
    return stage


def furthest(one: ThumbnailStage, other: ThumbnailStage) -> float:
    pairs = zip(one.state_dict().values(), other.state_dict().values(), strict=True)
    return max((a - b).abs().max().item() for a, b in pairs)


def test_what_is_of_low_rank_is_kept(
    flow: ThumbnailStage, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(distilled, "RANK", 4)
    for rank, kept in ((3, True), (8, False)):
        stage = changed(flow, rank)
        save_distilled(tmp_path, flow, stage)
        read = load_distilled(tmp_path, flow)
        assert read.config == stage.config
        assert (furthest(read, stage) < 1e-3) == kept
        assert furthest(read, flow) > 0.02


def test_beside_another_flow_it_is_refused(flow: ThumbnailStage, tmp_path: Path) -> None:
    save_distilled(tmp_path, flow, changed(flow, 2))
    other = changed(flow, 1)
    assert digest_of(other) != digest_of(flow)
    with pytest.raises(InputError, match="from another flow than the one beside it"):
        load_distilled(tmp_path, other)


def test_a_damaged_one_is_refused(flow: ThumbnailStage, tmp_path: Path) -> None:
    save_distilled(tmp_path, flow, changed(flow, 2))
    file = tmp_path / "model.safetensors"
    file.write_bytes(file.read_bytes()[:100])
    with pytest.raises(InputError, match=r"model\.safetensors"):
        load_distilled(tmp_path, flow)


def test_a_flow_without_one_draws_itself(flow: ThumbnailStage, tmp_path: Path) -> None:
    save_thumbnails(tmp_path / "thumbnails", flow)
    own, drawing = load_drawing(tmp_path / "thumbnails")
    assert drawing is own


def test_both_are_saved_and_found_again(flow: ThumbnailStage, tmp_path: Path) -> None:
    stage = changed(flow, 2)
    save_drawing(tmp_path / "painter" / "thumbnails", flow, stage)
    generator = Generator.load(BUNDLED / "generator", thumbnails=tmp_path / "painter/thumbnails")
    assert generator.flow is not None
    assert generator.thumbnails is not None
    assert furthest(generator.flow, flow) < 2e-3
    assert furthest(generator.thumbnails, stage) < 4e-3
    assert generator.thumbnails.config.times == TIMES
