import json
from pathlib import Path
from statistics import median
from typing import Any

import pytest
import torch

from files.errors import InputError
from tests.trecs.evaluation.tiny_run import SIZE, Painter, card, write_data
from trecs.data.dataset import Dataset
from trecs.evaluation.cases import cases_of
from trecs.evaluation.drawing import Plan, draw
from trecs.evaluation.instruments.instruments import Instruments, Named
from trecs.evaluation.instruments.lpips import ShiftTolerantLpips
from trecs.evaluation.measurement import CONTROL_TITLE, Measurement
from trecs.evaluation.report import Report, sheet
from trecs.evaluation.run_folder import Key, RunFolder, Shard
from trecs.systems import registry
from trecs.trunks.efficientnet import EfficientNetLite

PLUGINS = "tests.trecs.evaluation.tiny_plugins"
NAMES: dict[str, Any] = {
    "damsm": f"{PLUGINS}:lengths",
    "encoder": f"{PLUGINS}:lengths",
    "detector": f"{PLUGINS}:detect",
    "segmenter": f"{PLUGINS}:segment",
}
LABELS = {"re-segmented mIoU", "re-segmented accuracy", "SOA-C", "SOA-I"}
ALONE = {"EffLite-IS", "R-precision (DAMSM)", "R-precision (independent)", "VS similarity"}
BESIDE = {"EffLite-FID", "SSIM", "PSNR", "ST-LPIPS"}
CANVAS = {"canvas mIoU", "tag accuracy"}


@pytest.fixture
def run(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> RunFolder:
    """Two systems' pictures of seven narratives, of which one is bad and one refused."""
    monkeypatch.setattr(registry, "cards", lambda: {name: card(name) for name in "ab"})
    run = RunFolder(tmp_path / "run")
    cases = cases_of(Dataset(write_data(tmp_path / "data", 7, bad=(2,))))
    draw(cases, {"a": Painter(), "b": Painter(refuses="3")}, Plan(seeds=2), run, Shard())
    return run


@pytest.fixture(scope="module")
def instruments() -> Instruments:
    from trecs.evaluation.instruments import plugins

    torch.manual_seed(0)
    return Instruments(
        EfficientNetLite().eval().requires_grad_(False),
        ShiftTolerantLpips().eval().requires_grad_(False),
        plugins.encoder(NAMES["damsm"]),
        plugins.encoder(NAMES["encoder"]),
        plugins.plugin(NAMES["detector"]),
        plugins.plugin(NAMES["segmenter"]),
        names=NAMES,
    )


def measurement(run: RunFolder, plan: Plan) -> Measurement:
    cases = cases_of(Dataset(run.folder.parent / "data"))
    return Measurement(run, cases, plan, ("a", "b"), SIZE)


def test_every_row_has_all_measures_that_apply(run: RunFolder, instruments: Instruments):
    measured = measurement(run, Plan(seeds=2)).measure(instruments)
    control, a, b = measured.rows
    assert (measured.narratives, measured.photos, measured.candidates) == (6, 6, 6)
    assert (control.title, control.pictures, control.against) == (CONTROL_TITLE, 3, 3)
    assert control.estimates.keys() == ALONE | BESIDE | LABELS
    assert a.estimates.keys() == ALONE | BESIDE | LABELS | CANVAS
    assert (a.pictures, a.against, a.missing, a.failed) == (12, 6, 0, 1)
    assert (b.pictures, b.missing, b.failed) == (10, 0, 3)
    assert a.estimates["tag accuracy"].value == 1
    assert a.estimates["EffLite-FID"].count == 12


def test_what_is_not_drawn_yet_is_missing(run: RunFolder, instruments: Instruments):
    measured = measurement(run, Plan(seeds=3)).measure(Instruments())
    assert [row.missing for row in measured.rows] == [0, 6, 6]
    report = Report(measured, Instruments(), SIZE, "narratives")
    assert "painter: 6 pictures are missing; `trecs evaluate`" in "\n".join(report.footnotes())


def test_without_photos_there_is_a_row_and_a_footnote(run: RunFolder, instruments: Instruments):
    for photo in (run.folder.parent / "data" / "coco" / "images").iterdir():
        photo.unlink()
    measured = measurement(run, Plan()).measure(instruments)
    control, a, _ = measured.rows
    assert (control.pictures, control.estimates) == (0, {})
    assert not BESIDE & a.estimates.keys()
    report = Report(measured, instruments, SIZE, "narratives")
    notes = "\n".join(report.footnotes())
    assert f"{CONTROL_TITLE}: there are fewer than two real photos" in notes
    assert "SSIM: the narratives' photos or label maps are not in the data folder" in notes


def test_report_says_how_and_what_is_missing(run: RunFolder):
    bare = Instruments(missing={"eyes": "give eyes", "detector": "give a detector"})
    measured = measurement(run, Plan(seeds=2)).measure(bare)
    report = Report(measured, bare, SIZE, "seven narratives", "A note.", {"a": 1_540_000})
    head, line, *rows = report.table().splitlines()
    assert head.startswith("| pictures of | IS ↑ | FID ↓ | R-precision (DAMSM) ↑ |")
    assert rows[0].startswith(f"| {CONTROL_TITLE} | - | - | - |")
    assert rows[0].endswith("| 3 / 3 photos | - | - | - |")
    typical = median(drawn.seconds for drawn in run.drawn() if drawn.key.system == "a")
    counted = f"12 / 6 photos | {typical * 1000:.0f} | 1.5 M | - |"
    assert rows[1].endswith(f"| 1.000 (1.000 to 1.000) | {counted}")
    assert len({row.count("|") for row in (head, line, *rows)}) == 1
    assert "FID: give eyes" in report.footnotes()
    assert "SOA-C: give a detector" in report.footnotes()
    assert report.protocol()[:2] == ["A note.", PROTOCOL]
    record = json.loads(report.json())
    assert record["rows"][1]["system"] == "a"
    assert record["rows"][1]["measures"]["tag accuracy"]["value"] == 1
    assert report.markdown().count("\n\n") == 2


PROTOCOL = "Narratives: seven narratives; 6, and 6 of their photos."


def test_other_eyes_have_other_names(run: RunFolder, instruments: Instruments):
    measured = measurement(run, Plan()).measure(instruments)
    report = Report(measured, instruments, SIZE, "narratives")
    assert "| EffLite-IS ↑ | EffLite-FID ↓ |" in report.table()
    assert "They are not FID and IS" in report.markdown()
    assert "one true text of 6" in report.markdown()
    assert f"detector {PLUGINS}:detect" in report.markdown()


def test_narratives_of_which_none_can_be_drawn_are_not_measured(run: RunFolder):
    (run.folder.parent / "data" / "narratives" / "localized_dev.jsonl").write_text("{\n")
    with pytest.raises(InputError, match="Of 1 narratives none can be drawn"):
        measurement(run, Plan())


def test_sheet_shows_some_narratives(run: RunFolder):
    run.picture(Key("a", "000001-1", 0)).unlink()
    (run.folder / "drawn-1-of-1.jsonl").write_text(
        "".join(
            line
            for line in (run.folder / "drawn-1-of-1.jsonl").read_text().splitlines(True)
            if '"000001-1", "take": 0' not in line
        )
    )
    picture = sheet(measurement(run, Plan()), ("a", "b"))
    assert picture.width > 3 * 160
    assert picture.height > 3 * 160
    assert picture.getpixel((4 + 164 + 80, 20 + 80)) == (200, 200, 200)  # the one that is gone


def test_named_files_that_cannot_be_used_are_refused(tmp_path: Path):
    with pytest.raises(InputError, match="cannot be read as the weights of Inception-v3"):
        Instruments.load(Named(inception=tmp_path / "nothing.pth"))
    with pytest.raises(InputError, match="cannot be imported"):
        Instruments.load(Named(detector="no_such:thing"))


def test_what_is_not_given_is_named():
    missing = Instruments.load(Named()).missing
    assert "--damsm" in missing["damsm"]
    assert "--encoder" in missing["encoder"]
    assert "--detector" in missing["detector"]
    assert "--segmenter" in missing["segmenter"]


def test_what_is_loaded_is_not_among_the_missing():
    found = Instruments.load(Named(**NAMES))
    assert not found.missing.keys() & NAMES.keys()
    assert found.names == NAMES


def test_a_column_that_lacks_words_does_not_ask_for_the_detector_that_is_there(run: RunFolder):
    dev = run.folder.parent / "data" / "narratives" / "dev.jsonl"
    dev.write_text(dev.read_text().replace('"dog"]', '"grass"]').replace('"dog",', '"grass",'))
    found = Instruments.load(Named(**NAMES))
    report = Report(measurement(run, Plan()).measure(found), found, SIZE, "narratives")
    assert "SOA-C: no narrative has a reference tag that is a thing" in report.footnotes()


def test_texts_of_one_photo_have_no_r_precision(run: RunFolder, instruments: Instruments):
    write_data(run.folder.parent / "data", 1)
    empty = RunFolder(run.folder.with_name("empty"))
    for drawn, why in (
        (empty, "nothing is drawn yet"),
        (run, "all narratives are of one photo, so that no text is another photo's"),
    ):
        measured = measurement(drawn, Plan()).measure(instruments)
        notes = Report(measured, instruments, SIZE, "one").footnotes()
        assert f"R-precision (DAMSM): {why}" in notes
