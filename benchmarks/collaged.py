"""What the collage makes of scenes, with the photos of a library: for the pictures."""

import argparse
from collections.abc import Iterator, Sequence

from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from retrieval.library import SceneLibrary
from segmentation.canvas import Canvas
from trecs.evaluation.pictures import Painter
from trecs.synthesis import Generator
from trecs.synthesis.collage.collage import Collage
from trecs.synthesis.collage.harmony import Repainter

ROWS = {
    "collage": "collage of training photos",
    "collage-painted": "collage, painted over by the painter",
}


def rows(args: argparse.Namespace, canvases: Sequence[Canvas]) -> Iterator[tuple[str, Painter]]:
    """What draws each of ROWS, the second where an autoencoder is told.

    Raises InputError where the library's, the painter's or the autoencoder's folder is unusable.
    """
    library = SceneLibrary.open(args.library)
    encoder = DualEncoder.load(BUNDLED / "encoder")
    generator = Generator.load(args.checkpoint)
    size = len(canvases[0].label_map)
    plain = Collage(library, encoder, generator)
    yield "collage", lambda i, seed: plain.render(canvases[i], seed, size)
    if args.autoencoder:
        painter = Repainter(args.painter or BUNDLED / "painter", args.autoencoder)
        painted = Collage(library, encoder, generator, painter)
        yield "collage-painted", lambda i, seed: painted.render(canvases[i], seed, size)
