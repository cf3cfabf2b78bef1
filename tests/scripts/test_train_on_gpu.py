import os
import subprocess
import sys
from pathlib import Path

import pytest

from scripts.pack_photos import main
from tests.conftest import ROOT
from tests.trecs.data.captioned import random_trunk
from tests.trecs.data.tiny_photos import grass_canvases, with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import save_random_autoencoder
from trecs.synthesis.painter.distilled import load_distilled
from trecs.synthesis.painter.latent_store import LatentStore
from trecs.synthesis.painter.painter import load_latents, load_thumbnails
from trecs.trunks.efficientnet import LITE0

pytestmark = pytest.mark.skipif(sys.platform == "win32", reason="a shell script")


def run(folder: Path) -> "subprocess.CompletedProcess[str]":
    settings = {
        **{name.upper(): str(folder / name) for name in ("data", "out", "work")},
        "DATA": str(folder / "parts"),
        "TINY": "1",
        "LIMIT": "3",  # photos, one of which is held back
        "EVERY": "1",  # seconds between copies
        "TRUNK": str(folder / "lite0.pth"),
        "PATH": f"{Path(sys.executable).parent}:{os.environ['PATH']}",
    }
    return subprocess.run(
        [ROOT / "scripts" / "train_on_gpu.sh"],
        env={**os.environ, **settings},
        capture_output=True,
        text=True,
    )


def test_it_is_rehearsed_to_its_last_line(tmp_path: Path) -> None:
    dataset = with_one_held_back(tmp_path / "data")
    grass_canvases(dataset, tmp_path / "composed")
    save_random_autoencoder(tmp_path / "autoencoder")
    random_trunk(tmp_path / "lite0.pth", LITE0)
    words = [w for n in ("data", "composed", "autoencoder") for w in (f"--{n}", str(tmp_path / n))]
    assert main([*words, "--out", str(tmp_path / "parts")]) == 0
    out, work = tmp_path / "out", tmp_path / "work"
    done = run(tmp_path)
    assert done.returncode == 0, (out / "log").read_text()
    assert done.stdout.endswith(f"{work}/latents/model\n")
    assert sorted(str(p.relative_to(out)) for p in out.rglob("*") if p.is_file()) == sorted(
        ["log"]
        + [
            f"{stage}/{name}"
            for stage in ("thumbnails", "distilled", "latents")
            for name in ("model/config.json", "model/model.safetensors", "samples.png")
        ]
    )
    flow = load_thumbnails(out / "thumbnails" / "model")
    load_distilled(out / "distilled" / "model", flow)
    load_latents(out / "latents" / "model")
    assert len(LatentStore(work / "views")) == 5
    for stage in ("thumbnails", "distilled", "latents"):
        assert (work / stage / "state.pt").is_file()


def test_a_missing_part_is_named_and_nothing_is_trained(tmp_path: Path) -> None:
    done = run(tmp_path)
    assert done.returncode == 2
    assert f"{tmp_path}/parts/photos-0.tar.gz: Cannot open" in done.stdout
    assert [path.name for path in (tmp_path / "work").iterdir()] == ["new"]
    assert [path.name for path in (tmp_path / "out").iterdir()] == ["log"]
