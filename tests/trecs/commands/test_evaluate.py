import json
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from tests.trecs.evaluation.tiny_run import write_data
from tests.trecs.systems.attngan.tiny import tiny_attngan
from trecs.cli import main
from trecs.evaluation import quick
from trecs.systems import registry


def evaluate(*arguments: str) -> int:
    return main(["evaluate", *arguments])


def test_quick_runs_from_nothing_to_the_table(
    tmp_path: Path, capsys: pytest.CaptureFixture[str], monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(quick, "NARRATIVES", 4)
    monkeypatch.setattr(quick, "TRAINING_PHOTOS", 2)
    monkeypatch.setattr(quick, "SIDE", 64)
    few = {"retrieval", "photo", "attngan", "traced", "predicted"}  # test_contract draws by all
    cards = {name: card for name, card in registry.cards().items() if name in few}
    monkeypatch.setattr(registry, "cards", lambda: cards)
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    tiny_attngan().save(tmp_path / "home" / "weights" / "attngan")
    out = tmp_path / "out"
    assert evaluate("--quick", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    drawing = list(cards)
    assert f"shard 1-of-1: {4 * len(drawing)} pictures drawn" in printed
    assert (out / "table.md").read_text() in printed
    assert quick.NOTE in printed
    for row in ("real photos, half against half", "retrieval: the best scene", "TReCS without"):
        assert row in printed
    results = json.loads((out / "results.json").read_text())
    rows = {row["system"]: row for row in results["rows"]}
    assert list(rows) == ["real", *drawing]
    assert rows["traced"]["measures"]["canvas mIoU"]["count"] == 4
    assert "R-precision (DAMSM)" in rows["attngan"]["measures"]
    assert rows["traced"]["parameters"] > rows["attngan"]["parameters"] > 0
    with Image.open(out / "sheet.jpg") as sheet:
        assert sheet.width > (1 + len(drawing)) * 160
    # Once more: nothing is drawn, and the numbers are the same.
    assert evaluate("--quick", "--out", str(out)) == 0
    assert f"0 pictures drawn, {4 * len(drawing)} finished before" in capsys.readouterr().out
    assert json.loads((out / "results.json").read_text())["rows"] == results["rows"]


def test_shards_share_a_folder_and_are_measured_at_the_end(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_data(tmp_path / "data", 4, bad=(3,)), tmp_path / "out"
    settings = ["--data", str(data), "--out", str(out), "--size", "64", "--seeds", "2"]
    settings += ["--systems", "retrieval"]
    assert evaluate(*settings, "--shard", "2/2") == 0
    assert not (out / "table.md").exists()
    assert evaluate("--measure-only", "--out", str(out)) == 0
    assert "pictures are missing" in capsys.readouterr().out
    assert evaluate(*settings, "--shard", "1/2") == 0
    assert evaluate("--measure-only", "--out", str(out)) == 0
    printed = capsys.readouterr().out
    assert "missing" not in printed
    assert "retrieval: the best scene, rendered: 1 pictures could not be drawn" in printed
    pictures = list((out / "pictures" / "retrieval").iterdir())
    assert len(pictures) == 6
    assert np.asarray(Image.open(pictures[0])).shape == (64, 64, 3)


def test_another_size_needs_another_folder(
    tmp_path: Path, capsys: pytest.CaptureFixture[str]
) -> None:
    data, out = write_data(tmp_path / "data", 1), tmp_path / "out"
    settings = ["--data", str(data), "--out", str(out), "--systems", "retrieval"]
    assert evaluate(*settings, "--size", "64", "--shard", "1/1") == 0
    capsys.readouterr()
    assert evaluate(*settings, "--size", "96", "--shard", "1/1") == 2
    assert "give another folder to --out" in capsys.readouterr().err


@pytest.mark.parametrize(
    ("arguments", "message"),
    [
        (["--data", "nowhere"], "No training data in 'nowhere'"),
        (["--data", "."], "No narratives to draw in '"),
        (["--data", "data", "--systems", "muse"], "No system 'muse'"),
        (["--measure-only"], "is not the folder of an evaluation"),
        (["--report"], "name its folder with --study"),
        (["--study", "."], "'.' is not the folder of an evaluation"),
        (["--data", "data", "--out", "data/coco/images/000000000001.jpg"], "is a file"),
    ],
)
def test_what_cannot_be_used_is_one_line(
    arguments: list[str],
    message: str,
    tmp_path: Path,
    monkeypatch: pytest.MonkeyPatch,
    capsys: pytest.CaptureFixture[str],
) -> None:
    write_data(tmp_path / "data", 1)
    monkeypatch.chdir(tmp_path)
    assert evaluate(*arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1


@pytest.mark.parametrize(
    ("arguments", "lines", "message"),
    [
        ([], "{\n[]\n", "Of 2 narratives none can be drawn; the first, line-000001: "),
        ([], "", "Of 0 narratives none can be drawn. Give "),
        (["--limit", "1"], None, "Of 1 narratives none can be drawn; the first, line-000001: "),
    ],
)
def test_when_no_narrative_can_be_drawn_one_line_says_so(
    arguments: list[str],
    lines: str | None,
    message: str,
    tmp_path: Path,
    capsys: pytest.CaptureFixture[str],
) -> None:
    data, out = write_data(tmp_path / "data", 2, bad=(1,)), tmp_path / "out"
    if lines is not None:
        (data / "narratives" / "localized_dev.jsonl").write_text(lines)
    settings = ["--data", str(data), "--out", str(out), "--size", "64", "--systems", "retrieval"]
    assert evaluate(*settings, *arguments) == 2
    error = capsys.readouterr().err
    assert message in error
    assert error.count("\n") == 1
    assert not list(out.glob("*"))


@pytest.mark.parametrize("shard", ["0/2", "3/2", "1", "a/b", "1/0"])
def test_wrong_shards_are_refused(shard: str, capsys: pytest.CaptureFixture[str]) -> None:
    with pytest.raises(SystemExit) as ended:
        evaluate("--shard", shard)
    assert ended.value.code == 2
    assert f"'{shard}' is no part I/N of the work" in capsys.readouterr().err
