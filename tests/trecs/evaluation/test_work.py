import os
from dataclasses import replace
from pathlib import Path

import pytest

from files.errors import InputError
from tests.trecs.evaluation.tiny_run import write_data
from tests.trecs.systems.attngan.tiny import install
from trecs.evaluation.drawing import Plan
from trecs.evaluation.run_folder import RunFolder, Shard
from trecs.evaluation.work import Work, draw_here, draw_on_ray
from trecs.synthesis.diffusion.settings import DiffusionSettings


@pytest.fixture
def work(tmp_path: Path) -> Work:
    data = write_data(tmp_path / "data", 4)
    return Work(data, tmp_path / "run", ("retrieval",), Plan(seeds=2), size=64)


def test_settings_tell_narratives_and_models_apart(work: Work, tmp_path: Path):
    settings = work.settings()
    assert settings == work.settings()
    assert settings.asked["systems"] == ["retrieval"]
    assert settings.asked["plan"] == {"limit": None, "seeds": 2, "generations": None}
    assert Work(**{**vars(work), "size": 128}).settings() != settings
    other = write_data(tmp_path / "other", 5)
    assert Work(**{**vars(work), "data": other}).settings() != settings
    with pytest.raises(InputError, match="No generator 'nothing'"):
        Work(**{**vars(work), "generator": "nothing"}).settings()


@pytest.mark.parametrize(
    ("file", "counts"),
    [("attngan/vocab.txt", True), ("attngan/config.json", True), ("attngan/README.md", False)],
)
def test_the_hash_counts_every_file_but_cards(
    work: Work, tmp_path: Path, file: str, counts: bool
) -> None:
    install(tmp_path / "attngan")
    (tmp_path / "attngan" / "README.md").write_text("A card.")
    drawing = replace(work, systems=("attngan",), checkpoint=tmp_path)
    before = drawing.settings().models
    with (tmp_path / file).open("a") as changed:
        changed.write("\n")
    assert (drawing.settings().models != before) == counts


def test_the_hash_counts_the_library_and_only_for_those_that_use_it(
    work: Work, tmp_path: Path
) -> None:
    (tmp_path / "library").mkdir()
    (tmp_path / "library" / "masks.npy").write_bytes(b"1")
    drawing = replace(work, systems=("retrieval", "attngan"), library=tmp_path / "library")
    before = drawing.settings().models
    (tmp_path / "library" / "masks.npy").write_bytes(b"2")
    after = drawing.settings().models
    assert before.keys() == after.keys() == {"retrieval", "attngan"}
    assert before["retrieval"] != after["retrieval"]
    assert before["attngan"] == after["attngan"]


def test_the_hash_counts_what_paints_in_place_of_the_generator(work: Work) -> None:
    plain = replace(work, systems=("traced", "attngan"))
    pasted = replace(plain, generator="collage")
    diffused = replace(plain, generator="diffusers")
    slower = replace(diffused, diffusion=DiffusionSettings(steps=50))
    found = [one.settings().models for one in (plain, pasted, diffused, slower)]
    assert len({models["traced"] for models in found}) == 4
    assert len({models["attngan"] for models in found}) == 1


def test_workers_draw_everything_once(
    work: Work, capfd: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
):
    monkeypatch.setenv("PYTHONPATH", os.getcwd())
    assert draw_here(work, Shard(), 2) == 0
    keys = [drawn.key for drawn in RunFolder(work.out).drawn()]
    assert len(keys) == len(set(keys)) == 8
    names = {path.name for path in work.out.glob("drawn-*.jsonl")}
    assert names == {"drawn-1-of-2.jsonl", "drawn-2-of-2.jsonl"}
    assert draw_here(work, Shard(), 1) == 0
    assert "shard 1-of-1: 0 pictures drawn, 8 finished before" in capfd.readouterr().out


def test_a_worker_that_cannot_work_is_told(work: Work, capfd: pytest.CaptureFixture[str]):
    broken = Work(**{**vars(work), "library": work.data})
    assert draw_here(broken, Shard(), 2) == 2
    error = capfd.readouterr().err
    assert "No scene library in" in error
    assert "worker 1 of 2 ended with code 2; the same command goes on" in error


def test_ray_that_is_not_installed_is_one_line(work: Work, monkeypatch: pytest.MonkeyPatch):
    monkeypatch.setitem(__import__("sys").modules, "ray", None)
    with pytest.raises(InputError, match="--engine ray needs Ray, which is not installed"):
        draw_on_ray(work, Shard(), None)


def test_ray_tasks_draw_everything_once(work: Work):
    assert draw_on_ray(work, Shard(), 2) == 0
    keys = [drawn.key for drawn in RunFolder(work.out).drawn()]
    assert len(keys) == len(set(keys)) == 8
