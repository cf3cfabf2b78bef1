import os
import signal
import time
from pathlib import Path

import pytest
import torch

from files.errors import InputError
from trecs.learning.batches import in_turn
from trecs.learning.run import Run


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


def test_a_run_is_over_when_its_time_is_up(tmp_path: Path) -> None:
    with Run(tmp_path, seed=0, minutes=0.0) as run:
        assert not run.over
        assert run.due()
        assert run.over


@pytest.mark.parametrize("number", [signal.SIGTERM, signal.SIGINT])
def test_a_run_that_is_asked_to_stop_ends_after_its_step_and_gives_the_signal_back(
    number: signal.Signals, tmp_path: Path
) -> None:
    before = signal.getsignal(number)
    with Run(tmp_path, seed=0) as run:
        assert not run.due()
        os.kill(os.getpid(), number)
        assert not run.over
        assert run.due()
        assert run.over
    assert signal.getsignal(number) is before


def test_a_failed_run_gives_the_signals_back(tmp_path: Path) -> None:
    before = signal.getsignal(signal.SIGTERM)
    with pytest.raises(ZeroDivisionError), Run(tmp_path, seed=0):
        raise ZeroDivisionError
    assert signal.getsignal(signal.SIGTERM) is before


def test_it_is_due_once_in_so_many_minutes(tmp_path: Path) -> None:
    with Run(tmp_path, seed=0, save_minutes=0.05 / 60) as run:
        assert not run.due()
        time.sleep(0.06)
        assert run.due()
        assert not run.due()
        assert not run.over


def test_a_step_clips_the_gradient(tmp_path: Path) -> None:
    with Run(tmp_path, seed=0) as run:
        network = torch.nn.Linear(2, 1, bias=False)
        torch.nn.init.zeros_(network.weight)
        model, optimizer = run.setup(network, torch.optim.SGD(network.parameters(), 1.0))
        run.step(-model(torch.tensor([[3.0, 4.0]])).sum(), optimizer, clip=1.0)
        torch.testing.assert_close(network.weight.detach(), torch.tensor([[0.6, 0.8]]))
        run.step(-model(torch.tensor([[3.0, 4.0]])).sum(), optimizer)
        torch.testing.assert_close(network.weight.detach(), torch.tensor([[3.6, 4.8]]))
        with pytest.raises(RuntimeError, match="non-finite"):
            run.step(model(torch.tensor([[torch.nan, 0.0]])).sum(), optimizer, clip=1.0)


def test_bf16_computes_in_bf16_and_keeps_float32_weights(tmp_path: Path) -> None:
    with Run(tmp_path, seed=0, precision="bf16-mixed") as run:
        network = torch.nn.Linear(2, 1, bias=False)
        torch.nn.init.ones_(network.weight)
        model, optimizer = run.setup(network, torch.optim.SGD(network.parameters(), 1.0))
        seen = model(torch.tensor([[1.0, 2**-9]]))
        assert seen.item() == 1.0  # float32 has 1.001953125
        run.step(seen.sum(), optimizer)
        assert network.weight.dtype == torch.float32
        assert network.weight.tolist() == [[0.0, 1 - 2**-9]]


def test_a_batch_is_shared_evenly(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with Run(tmp_path, seed=0) as run, monkeypatch.context() as patch:
        assert run.share(6) == slice(0, 6)
        patch.setattr(Run, "world", 4)
        patch.setattr(Run, "rank", 2)
        assert run.share(8) == slice(4, 6)
        for batch in (6, 2):
            with pytest.raises(InputError, match=rf"batch of {batch} .* by 4 processes"):
                run.share(batch)
        patch.undo()


def test_progress_goes_to_stderr(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    Run(tmp_path, seed=0).log(20, loss=0.5)
    out, error = capsys.readouterr()
    assert (out, error) == ("", "step 20  loss 0.5\n")
    assert list((tmp_path / "log").iterdir())


def test_a_restored_optimizer_follows_its_network_to_another_device(tmp_path: Path) -> None:
    """Another type stands in for another device: the optimizer's numbers go along to both."""
    network = torch.nn.Linear(2, 1)
    optimizer = torch.optim.Adam(network.parameters())
    network(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    run = Run(tmp_path, seed=0, precision="64-true")
    moved, optimizer = run.setup(network, optimizer)
    moved(torch.ones(1, 2)).sum().backward()
    optimizer.step()
    weight = next(iter(optimizer.state.values()))
    assert weight["exp_avg"].dtype == torch.float64


@pytest.mark.parametrize("workers", [0, 2])
def test_batches_come_in_turn_whoever_draws_them(workers: int) -> None:
    source = [torch.full((2,), step) for step in range(7)]
    drawn = list(in_turn(source, range(3, 7), workers))
    assert [batch[0].item() for batch in drawn] == [3, 4, 5, 6]


def test_a_share_that_is_too_small_is_refused(tmp_path: Path) -> None:
    run = Run(tmp_path, seed=0)
    assert run.share(2, least=2) == slice(0, 2)
    with pytest.raises(InputError, match="gives each of 1 processes 1, but a step takes 2"):
        run.share(1, least=2)
