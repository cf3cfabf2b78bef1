import os
import signal
from pathlib import Path

import pytest
import torch

from segmentation.errors import InputError
from trecs.training.run import Run


def test_a_state_comes_back_and_a_damaged_one_is_refused(tmp_path: Path) -> None:
    run = Run(tmp_path / "run", seed=0)
    assert run.resume() is None
    run.save({"step": 3, "weights": torch.ones(2)})
    state = run.resume()
    assert state is not None
    assert state["step"] == 3
    assert state["weights"].tolist() == [1, 1]
    (tmp_path / "run" / "state.pt").write_bytes(b"half")
    with pytest.raises(InputError, match="is damaged"):
        run.resume()


def test_another_models_state_is_refused(tmp_path: Path) -> None:
    run = Run(tmp_path, seed=0)
    network = torch.nn.Linear(2, 3)
    state = {"network": torch.nn.Linear(2, 3).state_dict()}
    run.restore(state, network=network)
    assert torch.equal(network.weight, state["network"]["weight"])
    with pytest.raises(InputError, match=r"another model .*size mismatch.* another --out"):
        run.restore(state, network=torch.nn.Linear(2, 4))
    with pytest.raises(InputError, match=r"another model .*'optimizer'"):
        run.restore(state, optimizer=torch.optim.SGD(network.parameters()))


@pytest.mark.parametrize(
    ("step", "told"),
    [(0, ""), (4, "goes on after step 4 of 9."), (9, "has done its 9 steps"), (12, "its 12 steps")],
)
def test_where_a_run_goes_on_is_told(
    step: int, told: str, tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    Run(tmp_path, seed=0).announce(step, 9)
    out, error = capsys.readouterr()
    assert out == ""
    assert told in error
    assert bool(error) == bool(told)


def test_a_run_is_over_when_its_time_is_up_or_it_is_asked_to_stop(tmp_path: Path) -> None:
    handlers = [signal.getsignal(number) for number in (signal.SIGTERM, signal.SIGINT)]
    try:
        timed = Run(tmp_path, seed=0, minutes=0.0)
        assert not timed.over
        assert timed.due()
        assert timed.over
        stopped = Run(tmp_path, seed=0)
        assert not stopped.due()
        os.kill(os.getpid(), signal.SIGTERM)
        assert stopped.over
        assert stopped.due()
    finally:
        for number, handler in zip((signal.SIGTERM, signal.SIGINT), handlers, strict=True):
            signal.signal(number, handler)


def test_progress_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Run(tmp_path, seed=0).log(20, loss=0.5)
    out, error = capsys.readouterr()
    assert (out, error) == ("", "step 20  loss 0.5\n")
    assert list((tmp_path / "log").iterdir())
