"""The command, and the script that runs it behind other work."""

import os
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest
import torch

from tests.conftest import ROOT
from tests.trecs.data.tiny_photos import with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import save_random_autoencoder
from trecs.cli import main
from trecs.synthesis.painter import Painter
from trecs.synthesis.painter.distilled import load_drawing
from trecs.synthesis.painter.latent_making import make_latents


def test_its_stages_are_trained_and_make_a_painter(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data = with_one_held_back(tmp_path / "data").folder
    save_random_autoencoder(tmp_path / "autoencoder")
    latents = ["data", "latents", "--data", str(data), "--out", str(tmp_path / "latents")]
    latents += ["--autoencoder", str(tmp_path / "autoencoder"), "--passes", "1", "--processes", "1"]
    assert main(latents) == 0
    train = ["train", "painter", "--tiny", "--data", str(data)]
    first, fewer, second = (str(tmp_path / name) for name in ("first", "fewer", "second"))
    assert main([*train, "thumbnails", "--out", first, "--steps", "2"]) == 0
    distilled = ["distilled", "--out", fewer, "--steps", "2", "--start", f"{first}/model"]
    assert main([*train, *distilled]) == 0
    second_of = ["--latents", str(tmp_path / "latents"), "--thumbnails", f"{first}/model"]
    second_of += ["--autoencoder", str(tmp_path / "autoencoder")]
    assert main([*train, "latents", "--out", second, "--steps", "2", *second_of]) == 0
    printed = capsys.readouterr().out.splitlines()
    assert printed[1:] == [f"{run}/model" for run in (first, fewer, second)]
    (tmp_path / "painter").mkdir()
    for stage, run in (("thumbnails", first), ("distilled", fewer), ("latents", second)):
        (Path(run) / "model").rename(tmp_path / "painter" / stage)
    Painter.load(tmp_path / "painter")
    flow, drawing = load_drawing(tmp_path / "painter" / "thumbnails")
    assert (flow.config.extrapolated, drawing.config.extrapolated) == (True, False)


@pytest.mark.parametrize(
    ("given", "told"),
    [
        (["thumbnails", "--data", "nowhere"], "No training data in 'nowhere'"),
        (["latents"], "trecs data latents"),
        (["latents", "--latents", "nowhere"], "No latents in 'nowhere'"),
        (["thumbnails", "--composed", "nowhere"], "trecs data compose"),
    ],
)
def test_bad_input_is_one_line(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], given: list[str], told: str
) -> None:
    data = with_one_held_back(tmp_path / "data").folder
    arguments = ["train", "painter", "--data", str(data), *given, "--tiny"]
    assert main([*arguments, "--out", str(tmp_path / "run")]) == 2
    complaint = capsys.readouterr().err
    assert told in complaint
    assert complaint.count("\n") == 1
    assert not (tmp_path / "run").exists()


@pytest.mark.skipif(sys.platform == "win32", reason="a shell script")
def test_it_trains_behind_other_work_until_it_is_told_to_stop(tmp_path: Path) -> None:
    """Both stages in turn; stopped in the midst of one, it goes on where it was."""
    dataset, runs = with_one_held_back(tmp_path / "data"), tmp_path / "runs"
    autoencoder = save_random_autoencoder(tmp_path / "autoencoder")
    make_latents(dataset, autoencoder, runs / "latents")  # so that no turn is too short for it
    settings = {
        "DATA": str(dataset.folder),
        "AUTOENCODER": str(tmp_path / "autoencoder"),
        "RUNS": str(runs),
        "TURN": "0.005",  # minutes
        "START": "",
        "EXTRA": "--tiny --steps 1000000",
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }

    def begun() -> str:
        log = runs / "painter" / "log"
        return log.read_text() if log.is_file() else ""

    for sign in ("painter/latents/model", "painter/thumbnails goes on after step"):
        script = subprocess.Popen(
            [ROOT / "scripts" / "train_behind.sh"], env={**os.environ, **settings}
        )
        deadline = time.monotonic() + 300  # the lowest priority may have to wait
        while sign not in begun() and time.monotonic() < deadline:
            assert script.poll() is None, begun()
            time.sleep(0.2)
        script.send_signal(signal.SIGTERM)
        assert script.wait(60) == 0
        assert sign in begun()
    assert "Traceback" not in begun()
    for stage in ("thumbnails", "latents"):
        state = torch.load(runs / "painter" / stage / "state.pt", weights_only=True)
        assert state["done"] > 0
