"""What the page's buttons do to a result, with the studio's own models."""

import io
import json
import zipfile
from pathlib import Path

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from retrieval.choice import Choice
from retrieval.library import SceneLibrary
from retrieval.placing import place
from segmentation.composition import Placement
from segmentation.labels import value_of
from tests.trecs.finished import canvas_of, image_of, placements_of, regions_of
from tests.trecs.interface.pages import laid_out, panel
from trecs.interface.panel import Page, Updates
from trecs.interface.panels.canvas.panel import CanvasPanel
from trecs.interface.panels.masks.panel import Masks
from trecs.interface.panels.picture.panel import Picture
from trecs.interface.panels.regions.panel import Regions
from trecs.interface.panels.words.panel import Words
from trecs.narrative import from_text, loads
from trecs.pipeline import TReCS
from trecs.result import Result


@pytest.fixture(scope="module")
def trecs(checkpoints: Path) -> TReCS:
    return TReCS.from_pretrained(checkpoints)


@pytest.fixture
def page(trecs: TReCS) -> Page:
    return laid_out(trecs)


def rendered(page: Page, label_map: np.ndarray, result: Result | None, seed: int) -> Updates:
    return panel(page, CanvasPanel).rendered(label_map, result, seed)


def exported(page: Page, result: Result) -> tuple[zipfile.ZipFile, dict]:
    content, _ = panel(page, Picture).exported(canvas_of(result).label_map, result, 0)
    archive = zipfile.ZipFile(io.BytesIO(content))
    return archive, json.loads(archive.read("result.json"))


def test_what_was_rendered_with_another_seed_is_drawn_again_from_its_files(
    page: Page, trecs: TReCS
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    other = rendered(page, canvas_of(composed).label_map, composed, 9)[page.result]
    archive, record = exported(page, other)
    assert record["seeds"] == {"canvas": 3, "picture": 9}
    assert record["seed"] == 3

    told, seeds = loads(archive.read("narrative.json")), record["seeds"]
    again = trecs(told, seeds["canvas"], picture_seed=seeds["picture"])
    assert again.to_json()["regions"] == record["regions"]
    for name, pixels in (("image.png", again.image), ("label_map.png", canvas_of(again).label_map)):
        with Image.open(io.BytesIO(archive.read(name))) as picture:
            np.testing.assert_array_equal(np.asarray(picture), pixels)
    # Either seed alone draws something else.
    for seed in (3, 9):
        assert trecs(told, seed).to_json()["regions"] != record["regions"] or not np.array_equal(
            image_of(trecs(told, seed)), image_of(again)
        )


def test_the_page_tells_both_seeds_where_they_differ(page: Page, trecs: TReCS) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    for seed, told in ((3, "· seed 3<"), (9, "· canvas seed 3, picture seed 9<")):
        updates = rendered(page, canvas_of(composed).label_map, composed, seed)
        assert told in updates[panel(page, Picture).picture]


def test_after_painting_the_page_and_the_files_tell_what_is_on_the_canvas(
    page: Page, trecs: TReCS
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    snow = np.full((256, 256), value_of("snow"), np.uint8)
    updates = rendered(page, snow, composed, 3)
    painted = updates[page.result]

    rail = updates[page.rail]
    assert rail.count(" ms<") + rail.count(" s<") == 4  # Compose has no time: the user did that
    assert rail.count('class="done"') == 5
    assert 'aria-pressed="true"' not in updates[panel(page, Masks).masks]
    assert panel(page, Words).words not in updates
    assert "Another snow" in updates[panel(page, Regions).regions]  # which no region has

    archive, record = exported(page, painted)
    assert record["placements"] == []
    assert record["painted"] == 1
    assert record["labels"] == {"snow": 1}
    assert set(record["seconds"]) == {"tag", "align", "retrieve", "synthesize"}
    assert len(record["regions"]) == len(regions_of(composed))
    assert not [name for name in archive.namelist() if name.startswith("masks/")]

    back = rendered(page, canvas_of(composed).label_map, painted, 3)
    assert 'aria-pressed="true"' in back[panel(page, Masks).masks]
    assert back[page.result].placements is composed.placements


def swap(page: Page, result: Result) -> Result:
    """The first region's runner-up takes its place."""
    event = gr.EventData(None, {"choice": 0, "rank": 1})
    *_, last = panel(page, Masks).swap(result, 5, event)
    return last[page.result]


def test_a_swap_places_every_mask_once(
    page: Page, trecs: TReCS, monkeypatch: pytest.MonkeyPatch
) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    placed: list[int] = []

    def counted(library: SceneLibrary, choice: Choice) -> Placement:
        placed.append(choice.selected)
        return place(library, choice)

    monkeypatch.setattr("trecs.pipeline.place", counted)
    swapped = swap(page, composed)
    assert len(placed) == len(regions_of(composed))
    first, *_ = placements_of(swapped)
    assert first is not None
    assert composed.retrieval is not None
    assert first.source == composed.retrieval.choices[0].candidates[1].mask
    assert (swapped.seed, swapped.picture_seed) == (3, 5)
    assert swapped.seconds["compose"] != composed.seconds["compose"]


def test_a_swap_composes_again_what_was_painted_over(page: Page, trecs: TReCS) -> None:
    composed = trecs(from_text("a zebra on the grass under a blue sky"), 3)
    painted = rendered(page, np.full((256, 256), value_of("snow"), np.uint8), composed, 3)
    swapped = swap(page, painted[page.result])
    assert swapped.painted == 0
    assert not swapped.painted_over
    assert set(swapped.seconds) == {"tag", "align", "retrieve", "compose", "synthesize"}
