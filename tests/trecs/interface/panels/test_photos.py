"""Photos opened and added on the page, without a browser."""

import json
from pathlib import Path
from types import SimpleNamespace

import gradio as gr
import numpy as np
import pytest
from PIL import Image

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from segmentation.labels import UNLABELED, value_of
from trecs.interface.models import Models
from trecs.interface.page import LAYOUT, PHOTOS, lay_out
from trecs.interface.panels.photos.editor import OpenedPhoto
from trecs.interface.panels.photos.panel import Photos
from trecs.interface.studio import SIZE, Studio

GRASS = value_of("grass")


@pytest.fixture
def panel(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> Photos:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))
    pipeline = SimpleNamespace(encoder=DualEncoder.load(BUNDLED / "encoder"))
    models = Models(lambda: pipeline)  # type: ignore[arg-type, return-value]
    with gr.Blocks():
        page = lay_out(Studio(models), {**LAYOUT, **PHOTOS})
    found = page.panels[-1]
    assert isinstance(found, Photos)
    return found


def test_the_page_has_it_only_where_it_is_switched_on() -> None:
    with gr.Blocks():
        page = lay_out(Studio(Models(lambda: None)))  # type: ignore[arg-type, return-value]
    assert not any(isinstance(panel, Photos) for panel in page.panels)


def test_an_opened_photo_is_added_with_what_was_painted(panel: Photos, tmp_path: Path) -> None:
    photo = tmp_path / "upload.jpg"
    exif = Image.Exif()
    exif[0x0112] = 6
    Image.fromarray(np.full((60, 100, 3), 90, np.uint8)).save(photo, exif=exif)
    updates = panel.opened(str(photo))
    shown = updates[panel.editor]
    assert isinstance(shown, OpenedPhoto)
    assert shown.photo.size == (60, 100)  # upright
    sent = json.loads(panel.editor.postprocess(shown))
    assert sent["runs"] == [UNLABELED, SIZE * SIZE]
    assert sent["photo"].startswith("data:image/png;base64,")
    painted = panel.editor.preprocess(json.dumps({**sent, "runs": [GRASS, SIZE * SIZE]}))
    updates = panel.added(painted, updates[panel.photo])
    assert "1 photo;" in updates[panel.told]
    assert updates[panel.photo] == b""
    assert panel.editor.postprocess(updates[panel.editor]) == ""
    library = SceneLibrary.open(tmp_path / "home" / "library")
    assert library.labels.tolist() == [GRASS]
    assert library.photos is not None
    assert library.photos.read(0).shape == (100, 60, 3)
    assert library.embeddings.shape[0] == 1


def test_what_cannot_be_added_is_told_in_words(panel: Photos, tmp_path: Path) -> None:
    with pytest.raises(gr.Error, match="There is no photo to add"):
        panel.added(None, b"")
    empty = np.full((SIZE, SIZE), UNLABELED, np.uint8)
    with pytest.raises(gr.Error, match="No label is painted"):
        panel.added(empty, b"a photo")
    (tmp_path / "upload.jpg").write_text("no photo")
    with pytest.raises(gr.Error, match=r"The photo &#x27;upload\.jpg&#x27; cannot be read"):
        panel.opened(str(tmp_path / "upload.jpg"))
    assert not (tmp_path / "home").exists()
