import io
import json
import zipfile
from pathlib import Path

import numpy as np
import pytest
from PIL import Image

from segmentation.canvas import read_label_map
from segmentation.labels import value_of
from tests.trecs.finished import canvas_of, image_of, placements_of, regions_of
from trecs import Result, TReCS
from trecs.narrative import Narrative, from_text, loads


@pytest.fixture(scope="module")
def result(checkpoints: Path) -> Result:
    return TReCS.from_pretrained(checkpoints)(from_text("a dog runs on the beach near the sea"), 9)


def test_saves_what_the_contract_names(result: Result, tmp_path: Path):
    result.save(tmp_path)
    assert sorted(path.name for path in tmp_path.iterdir()) == [
        "canvas.png",
        "image.png",
        "instance_map.png",
        "label_map.png",
        "result.json",
    ]
    assert np.array_equal(np.asarray(Image.open(tmp_path / "image.png")), image_of(result))
    assert np.array_equal(read_label_map(tmp_path / "label_map.png"), canvas_of(result).label_map)
    assert np.array_equal(read_label_map(tmp_path / "canvas.png"), canvas_of(result).label_map)
    instances = np.asarray(Image.open(tmp_path / "instance_map.png"))
    assert np.array_equal(instances, canvas_of(result).instance_map)


def test_json_tells_every_stage(result: Result):
    record = json.loads(json.dumps(result.to_json()))
    assert record["seed"] == 9
    assert record["seeds"] == {"canvas": 9, "picture": 9}
    assert [tag["word"] for tag in record["tags"]] == result.narrative.caption.split()
    for tag in record["tags"]:
        assert (
            max(tag["likeliest"].values()) == tag["probability"] or tag["label"] in tag["likeliest"]
        )
    assert len(record["regions"]) == len(record["placements"])
    for region, placement in zip(record["regions"], record["placements"], strict=True):
        assert region["label"] == placement["label"]
        assert len(region["hull"]) >= 3
        assert placement["masks"][0] == placement["mask"]
        assert not {other["mask"] for other in placement["runners_up"]} & set(placement["masks"])
    assert sum(record["labels"].values()) == pytest.approx(1, abs=0.01)
    assert set(record["seconds"]) == {"tag", "align", "retrieve", "compose", "synthesize"}
    assert set(record["versions"]) == {"trecs", "torch", "python"}


def test_zip_holds_everything(result: Result):
    archive = zipfile.ZipFile(io.BytesIO(result.to_zip()))
    assert archive.testzip() is None
    masks = [name for name in archive.namelist() if name.startswith("masks/")]
    assert len(masks) == len(placements_of(result))
    assert {"image.png", "label_map.png", "instance_map.png", "canvas.png"} < set(
        archive.namelist()
    )
    arrays = np.load(io.BytesIO(archive.read("masks.npz")))
    assert arrays["masks"].shape == (len(masks), 256, 256)
    for i, name in enumerate(masks):
        picture = np.asarray(Image.open(io.BytesIO(archive.read(name))))
        assert np.array_equal(picture > 0, arrays["masks"][i])
    told = loads(archive.read("narrative.json"))
    assert told.caption == result.narrative.caption


def test_a_canvas_painted_over_keeps_what_was_said_and_no_mask_that_is_gone(result: Result):
    before = result.to_json()
    assert before["painted"] == 0
    sky = np.full((256, 256), value_of("sky-other"), np.uint8)
    painted = result.repainted(sky)
    record = painted.to_json()
    assert record["placements"] == []
    assert record["painted"] == pytest.approx(1 - before["labels"].get("sky-other", 0), abs=1e-3)
    assert record["seeds"] == {"canvas": 9, "picture": None}
    assert set(record["seconds"]) == {"tag", "align", "retrieve"}
    for said in ("caption", "tags", "regions", "scenes"):
        assert record[said] == before[said]
    archive = zipfile.ZipFile(io.BytesIO(painted.to_zip()))
    assert not [name for name in archive.namelist() if name.startswith("masks/")]
    assert np.load(io.BytesIO(archive.read("masks.npz")))["masks"].shape == (0, 256, 256)


def test_what_is_left_of_a_mask_is_exported_and_numbered_as_its_region(result: Result):
    label_map = canvas_of(result).label_map.copy()
    label_map[:, :128] = value_of("playingfield")
    painted = result.repainted(label_map)
    record = painted.to_json()
    kept = [placement["region"] for placement in record["placements"]]
    assert kept == [i for i in range(len(regions_of(result))) if i not in painted.painted_over]
    arrays = np.load(io.BytesIO(zipfile.ZipFile(io.BytesIO(painted.to_zip())).read("masks.npz")))
    assert arrays["regions"].tolist() == kept
    assert len(kept) > 0
    assert not arrays["masks"][:, :, :128].any()
    for i, placement in enumerate(record["placements"]):
        assert placement["box"] == pytest.approx(arrays["boxes"][i].tolist(), abs=1e-3)
        assert placement["box"][0] >= 0.5


def test_taking_back_what_was_painted_brings_the_composition_back(result: Result):
    sea = np.full((256, 256), value_of("sea"), np.uint8)
    painted = result.repainted(sea)
    assert painted.repainted(sea) is painted
    assert painted.repainted(canvas_of(result).label_map) is result
    assert painted.repainted(np.roll(sea, 1)).repainted(canvas_of(result).label_map) is result


def test_of_a_canvas_that_nobody_composed_nothing_is_claimed():
    record = Result(Narrative(())).repainted(np.full((8, 8), value_of("sea"), np.uint8)).to_json()
    assert record["placements"] == record["tags"] == record["regions"] == []
    assert record["seconds"] == {}
    assert record["painted"] == 1
    assert record["seeds"] == {"canvas": None, "picture": None}


def test_an_unfinished_result_has_files_too():
    archive = zipfile.ZipFile(io.BytesIO(Result(Narrative(())).to_zip()))
    assert set(archive.namelist()) == {"narrative.json", "masks.npz", "result.json"}
