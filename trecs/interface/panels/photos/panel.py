"""Photos of one's own: opened, their labels painted, added to the library that collages take."""

from pathlib import Path
from typing import Any

import gradio as gr
import numpy as np
from numpy.typing import NDArray

from files.errors import InputError
from retrieval.own import add_photo
from retrieval.photos import photo_code, upright_photo
from trecs.installed import own_library
from trecs.interface.messages import speaking
from trecs.interface.panel import PRIVATE, QUIET, Panel, Updates, empty, html
from trecs.interface.panels.photos.editor import OpenedPhoto, PhotoEditor
from trecs.interface.studio import NETWORKS
from trecs.interface.texts import text

KINDS = [".jpg", ".jpeg", ".png", ".webp"]
KEPT = 3600  # seconds that an opened photo waits


class Photos(Panel):
    """A photo under the label editor, and the button that adds it."""

    anchor = "photos-of"

    def __init__(self) -> None:
        super().__init__()
        self.told = html(empty(text("photos.empty")), "photos")
        self.editor = PhotoEditor(elem_id="photo-editor")
        self.photo = gr.State(b"", time_to_live=KEPT)
        with gr.Row(elem_classes="acts"):
            opens, adds = text("photos.open"), text("photos.add")
            self.upload = gr.UploadButton(opens, file_types=KINDS, elem_id="open-photo")
            self.add = gr.Button(adds, elem_id="add-photo", visible=False)

    def heading(self) -> tuple[str, str]:
        """What the panel is called."""
        return text("photos.title"), text("photos.what")

    def connect(self) -> list[Any]:
        """An opened photo waits to be painted on; the button adds it with what was painted."""
        shown = [self.editor, self.photo, self.add, self.told]
        self.upload.upload(self.opened, self.upload, shown, **QUIET)
        given = [self.editor, self.photo]
        settings = {"show_progress": "minimal", **NETWORKS, **PRIVATE}
        self.add.click(self.added, given, shown, **settings)
        return []

    def opened(self, path: str | None) -> Updates:
        """A photo from an uploaded file, to be painted on; what is not square is squeezed."""
        with speaking():
            if path is None:
                raise InputError(text("photos.no_file"))
            file = Path(path)
            try:
                photo = upright_photo(file)
            except InputError as error:  # the folder is the server's, not the user's
                raise InputError(str(error).replace(f"{file.parent}/", "")) from error
            return {
                self.editor: OpenedPhoto(photo),
                self.photo: photo_code(photo),
                self.add: gr.update(visible=True),
                self.told: empty(text("photos.paint")),
            }

    def added(self, label_map: NDArray[np.uint8] | None, photo: bytes) -> Updates:
        """The library with the photo in it."""
        with speaking():
            if label_map is None or not photo:
                raise InputError(text("photos.no_photo"))
            encoder = self.page.studio.trecs.encoder
            try:
                count = add_photo(own_library(), photo, label_map, encoder.embed)
            except InputError as error:
                named = str(error).replace(str(own_library()), text("photos.library"))
                raise InputError(named) from error
            told = text("photos.added", count=count, number=f"{count:,}")
            return {
                self.editor: None,
                self.photo: b"",
                self.add: gr.update(visible=False),
                self.told: empty(told),
            }
