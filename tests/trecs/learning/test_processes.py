"""Real processes: `torchrun` on the CPU, stopped and killed."""

import json
import os
import re
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch
from lightning.fabric.utilities.exceptions import MisconfigurationException

from files.errors import InputError
from tests.conftest import ROOT
from tests.trecs.learning import tiny_training
from tests.trecs.tagging import tiny_tagger
from trecs.data.dataset import Dataset
from trecs.learning import processes
from trecs.tagging.tagger import Tagger
from trecs.tagging.training import train_tagger

TORCHRUN = ("-m", "torch.distributed.run", "--standalone", "--nproc-per-node", "2")
SECONDS = 500  # a machine busy with other work starts processes slowly


class Program:
    """A Python program on the CPU; it ends with the block."""

    def __init__(self, tmp_path: Path, *command: str | Path) -> None:
        self.told = tmp_path / "stderr"
        with self.told.open("w") as stderr:
            self.process = subprocess.Popen(
                [sys.executable, *map(str, command)],
                cwd=ROOT,
                env={**os.environ, "CUDA_VISIBLE_DEVICES": "", "OMP_NUM_THREADS": "1"},
                stderr=stderr,
                stdout=subprocess.DEVNULL,
                start_new_session=True,
            )

    def __enter__(self) -> "Program":
        return self

    def __exit__(self, *_: object) -> None:
        if self.process.poll() is None:
            self.process.terminate()  # torchrun ends its workers, which have sessions of their own
            try:
                self.process.wait(60)
            except subprocess.TimeoutExpired:
                os.killpg(self.process.pid, signal.SIGKILL)
        self.process.wait()

    def pid_at(self, rank: int, step: int) -> int:
        """Waits until a process has done a step; returns its number."""
        ends = time.monotonic() + SECONDS
        while time.monotonic() < ends and self.process.poll() is None:
            if found := re.search(rf"rank {rank} pid (\d+) step {step}\n", self.told.read_text()):
                return int(found[1])
            time.sleep(0.05)
        pytest.fail(self.told.read_text())

    def end(self, code: int = 0) -> str:
        """Waits for its end, which must be with this code; returns what it told."""
        assert self.process.wait(SECONDS) == code, self.told.read_text()
        return self.told.read_text()


def weights(folder: Path) -> dict[str, torch.Tensor]:
    state = torch.load(folder / "state.pt", weights_only=True)
    return {
        f"{part}.{name}": value
        for part in ("maker", "judge")
        for name, value in state[part].items()
    }


def test_two_processes_of_which_one_is_stopped_go_on_to_the_weights_of_one_process(
    tmp_path: Path,
) -> None:
    program = (*TORCHRUN, "-m", "tests.trecs.learning.tiny_training", tmp_path / "two")
    with Program(tmp_path, *program, "100000", "--slow", "0.02") as stopped:
        os.kill(stopped.pid_at(rank=1, step=3), signal.SIGTERM)
        told = stopped.end()
    stopped_at = torch.load(tmp_path / "two" / "state.pt", weights_only=True)["done"]
    assert 3 <= stopped_at < 100000
    for rank in (0, 1):
        assert re.findall(rf"rank {rank} pid \d+ step (\d+)", told)[-1] == str(stopped_at)

    with Program(tmp_path, *program, str(stopped_at + 5)) as resumed:
        assert f"goes on after step {stopped_at}" in resumed.end()
    tiny_training.train(tmp_path / "one", stopped_at + 5)
    two, one = weights(tmp_path / "two"), weights(tmp_path / "one")
    assert two.keys() == one.keys()
    for name, value in one.items():
        torch.testing.assert_close(two[name], value, rtol=0, atol=1e-5, msg=name)


def test_two_processes_train_the_tagger_that_one_trains(tmp_path: Path) -> None:
    (tmp_path / "data" / "narratives").mkdir(parents=True)
    narratives = [
        ("a dog on the grass", ["dog", "dog", "grass", "grass", "grass"]),
        ("we see a red bus", ["bus"] * 5),
    ]
    with (tmp_path / "data" / "narratives" / "train.jsonl").open("w") as file:
        for i in range(20, 31):
            words, tags = narratives[i % 2]
            record = {"image_id": i, "annotator_id": 1, "words": words.split(), "tags": tags}
            file.write(json.dumps(record) + "\n")
    program = (*TORCHRUN, "-m", "tests.trecs.tagging.tiny_tagger", tmp_path / "data")
    with Program(tmp_path, *program, tmp_path / "two") as two:
        two.end()
    train_tagger(tiny_tagger.CONFIG, Dataset(tmp_path / "data"), tmp_path / "one")
    ones, twos = (
        torch.load(tmp_path / run / "last0" / "state.pt", weights_only=True)["averaged"]
        for run in ("one", "two")
    )
    for name, value in ones.items():
        found, expected = twos[name], value
        if name.endswith("self_attn.in_proj_bias"):
            # What a bias adds to all keys changes no attention: its gradient is rounding alone.
            found, expected = (torch.cat(t.chunk(3)[::2]) for t in (found, expected))
        torch.testing.assert_close(found, expected, rtol=0, atol=1e-5, msg=name)
    Tagger.load(tmp_path / "two" / "model")


def test_a_killed_process_goes_on_to_the_same_bits(tmp_path: Path) -> None:
    program = ("-m", "tests.trecs.learning.tiny_training", tmp_path / "killed", "100000")
    with Program(tmp_path, *program, "--slow", "0.02", "--save-minutes", "0.001") as killed:
        os.kill(killed.pid_at(rank=0, step=10), signal.SIGKILL)
        killed.end(-signal.SIGKILL)
    saved = torch.load(tmp_path / "killed" / "state.pt", weights_only=True)["done"]
    assert 2 <= saved < 100000
    tiny_training.train(tmp_path / "killed", 20)
    tiny_training.train(tmp_path / "whole", 20)
    whole = weights(tmp_path / "whole")
    for name, value in weights(tmp_path / "killed").items():
        assert torch.equal(value, whole[name]), name


def test_gradients_are_averaged_and_what_nobody_used_gets_none(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    both, nobody, other = (torch.nn.Parameter(torch.zeros(n)) for n in (2, 1, 1))
    both.grad = torch.tensor([1.0, 2.0])
    others = torch.tensor([3.0, 4.0, 0.0, 5.0, 1, 0, 1])  # gradients, then who has one
    monkeypatch.setattr(torch.distributed, "all_reduce", lambda flat: flat.add_(others))
    processes.average_gradients([both, nobody, other], world=2)
    assert both.grad.tolist() == [2, 3]
    assert nobody.grad is None
    assert other.grad is not None
    assert other.grad.tolist() == [2.5]


def test_synchronised_norms_keep_their_names() -> None:
    network = torch.nn.Sequential(torch.nn.Conv2d(3, 4, 1), torch.nn.BatchNorm2d(4))
    names = list(network.state_dict())
    converted = processes.synchronized(network)
    assert isinstance(converted.get_submodule("1"), torch.nn.SyncBatchNorm)
    assert list(converted.state_dict()) == names


def test_more_processes_than_gpus_is_an_error(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("WORLD_SIZE", "2")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "2")

    def refused(**options: object) -> None:
        assert options["devices"] == 2
        assert options["num_nodes"] == 1
        raise MisconfigurationException("You requested gpu: [0, 1]\n But ... [0]")

    monkeypatch.setattr(processes, "Fabric", refused)
    with pytest.raises(InputError, match=r"2 processes cannot .*gpu: \[0, 1\] But .*nproc-per"):
        processes.launch("32-true")


def test_two_machines_are_understood(monkeypatch: pytest.MonkeyPatch) -> None:
    given = {}

    class Launched:
        def __init__(self, **options: object) -> None:
            given.update(options)

        def launch(self) -> None:
            pass

    monkeypatch.setenv("WORLD_SIZE", "8")
    monkeypatch.setenv("LOCAL_WORLD_SIZE", "4")
    monkeypatch.setattr(processes, "Fabric", Launched)
    monkeypatch.setattr(torch.distributed, "new_group", lambda backend: backend)
    assert processes.launch("bf16-mixed")[1] == "gloo"
    assert (given["devices"], given["num_nodes"], given["precision"]) == (4, 2, "bf16-mixed")
