"""What the page's buttons do to a result, with the studio's own models."""

import io
import json
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from trecs.interface.actions import Actions
from trecs.interface.models import Models
from trecs.interface.panel import Panels
from trecs.interface.panels.canvas.label_editor import LabelEditor
from trecs.narrative import from_text, loads
from trecs.pipeline import TReCS
from trecs.result import Result


@pytest.fixture(scope="module")
def trecs(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture
def actions(trecs: TReCS) -> Actions:
    panels = Panels(*(gr.HTML() for _ in range(4)), LabelEditor(), gr.HTML(), gr.State())
    return Actions(Models(lambda: trecs), panels, lambda f: f)


def rendered(actions: Actions, label_map: np.ndarray, result: Result | None, seed: int) -> Result:
    return actions.render(label_map, result, seed)[actions.panels.result]


def exported(actions: Actions, result: Result) -> tuple[zipfile.ZipFile, dict]:
    content, _ = actions.download(result.canvas.label_map, result, 0)
    archive = zipfile.ZipFile(io.BytesIO(content))
    return archive, json.loads(archive.read("result.json"))


def test_what_was_rendered_with_another_seed_is_drawn_again_from_its_files(
    actions: Actions, trecs: TReCS
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    other = rendered(actions, composed.canvas.label_map, composed, 9)
    archive, record = exported(actions, other)
    assert record["seeds"] == {"canvas": 3, "picture": 9}
    assert record["seed"] == 3

    told, seeds = loads(archive.read("narrative.json")), record["seeds"]
    again = trecs(told, seeds["canvas"], picture_seed=seeds["picture"])
    assert again.to_json()["regions"] == record["regions"]
    for name, pixels in (("image.png", again.image), ("label_map.png", again.canvas.label_map)):
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            np.testing.assert_array_equal(np.asarray(picture), pixels)
    # Either seed alone draws something else.
    for seed in (3, 9):
        assert trecs(told, seed).to_json()["regions"] != record["regions"] or not np.array_equal(
            trecs(told, seed).image, again.image
        )


def test_the_page_tells_both_seeds_where_they_differ(actions: Actions, trecs: TReCS) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    for seed, told in ((3, "; seed 3<"), (9, "; canvas seed 3, picture seed 9<")):
        updates = actions.render(composed.canvas.label_map, composed, seed)
        assert told in updates[actions.panels.picture]
