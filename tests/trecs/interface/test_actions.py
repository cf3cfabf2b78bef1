"""What the page's buttons do to a result, with the studio's own models."""

import io
import json
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from retrieval.choice import Choice, place
from retrieval.library import SceneLibrary
from segmentation.composition import Placement
from segmentation.labels import value_of
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


def test_after_painting_the_page_and_the_files_tell_what_is_on_the_canvas(
    actions: Actions, trecs: TReCS
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    snow = np.full((256, 256), value_of("snow"), np.uint8)
    updates = actions.render(snow, composed, 3)
    painted = updates[actions.panels.result]

    rail = updates[actions.panels.rail]
    assert rail.count(" ms<") + rail.count(" s<") == 4  # Compose has no time: the user did that
    assert rail.count('class="done"') == 5
    assert 'aria-pressed="true"' not in updates[actions.panels.masks]
    assert actions.panels.words not in updates
    assert actions.panels.regions not in updates

    archive, record = exported(actions, painted)
    assert record["placements"] == []
    assert record["painted"] == 1
    assert record["labels"] == {"snow": 1}
    assert set(record["seconds"]) == {"tag", "align", "retrieve", "synthesize"}
    assert len(record["regions"]) == len(composed.regions)
    assert not [name for name in archive.namelist() if name.startswith("masks/")]

    back = actions.render(composed.canvas.label_map, painted, 3)
    assert 'aria-pressed="true"' in back[actions.panels.masks]
    assert back[actions.panels.result].placements is composed.placements


def swap(actions: Actions, result: Result) -> Result:
    """The first region's runner-up takes its place."""
    event = gr.EventData(None, {"choice": 0, "rank": 1})
    *_, last = actions.swap(result, 5, event)
    return last[actions.panels.result]


def test_a_swap_places_every_mask_once(
    actions: Actions, trecs: TReCS, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    placed: list[int] = []

    def counted(library: SceneLibrary, choice: Choice) -> Placement:
        placed.append(choice.selected)
        return place(library, choice)

    monkeypatch.setattr("trecs.pipeline.place", counted)
    swapped = swap(actions, composed)
    assert len(placed) == len(composed.regions)
    assert swapped.placements[0].source == composed.retrieval.choices[0].candidates[1].mask
    assert (swapped.seed, swapped.picture_seed) == (3, 5)
    assert swapped.seconds["compose"] != composed.seconds["compose"]


def test_a_swap_composes_again_what_was_painted_over(actions: Actions, trecs: TReCS) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    painted = rendered(actions, np.full((256, 256), value_of("snow"), np.uint8), composed, 3)
    swapped = swap(actions, painted)
    assert swapped.painted == 0
    assert not swapped.painted_over
    assert set(swapped.seconds) == {"tag", "align", "retrieve", "compose", "synthesize"}
