"""The losses of every training's steps are those that were recorded: what learns is unchanged.

Recorded anew by `python -m tests.trecs.learning.test_curves`, where a change of them is meant.
"""

import json
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path
from unittest import mock

import pytest
import torch

from tests.trecs.learning.tiny_trainings import TRAININGS, Made
from trecs.learning.run import Run

RECORDED = Path(__file__).with_name("curves.json")
AMPLIFIED = dict.fromkeys(
    ("attngan", "controlgan", "dmgan", "fusedgan", "hdgan", "mirrorgan", "ppan", "sdgan"), 0.05
)
"""How far the losses of later steps may be off where normalisation over two pictures makes much of
the last bits, in which processors differ; the first step's hardly are."""


@contextmanager
def losses() -> Iterator[list[float]]:
    """Every loss down which a step is taken meanwhile."""
    seen: list[float] = []
    step = Run.step

    def recording(run: Run, loss: torch.Tensor, *given: object, **named: object) -> None:
        seen.append(loss.item())
        step(run, loss, *given, **named)  # type: ignore[arg-type]

    with mock.patch.object(Run, "step", recording):
        yield seen


@pytest.fixture(scope="module")
def made(tmp_path_factory: pytest.TempPathFactory) -> Made:
    return Made(tmp_path_factory.mktemp("made"))


@pytest.mark.parametrize("name", TRAININGS)
def test_it_learns_as_it_was_recorded(name: str, made: Made, tmp_path: Path) -> None:
    with losses() as seen:
        TRAININGS[name](made, tmp_path)
    recorded = json.loads(RECORDED.read_text())[name]
    first = len(recorded) // 2 if name in AMPLIFIED else len(recorded)
    assert seen[:first] == pytest.approx(recorded[:first], rel=1e-3, abs=1e-5)
    assert seen == pytest.approx(recorded, rel=AMPLIFIED.get(name, 1e-3), abs=1e-5)


if __name__ == "__main__":
    recorded = {}
    with tempfile.TemporaryDirectory() as folder:
        everything = Made(Path(folder, "made"))
        for one, train in TRAININGS.items():
            with losses() as curve:
                train(everything, Path(folder, one))
            recorded[one] = [round(loss, 6) for loss in curve]
    RECORDED.write_text(json.dumps(recorded, indent=1) + "\n")
