"""A library of the training photos, with their pixels: what the collage is measured with.

    python -m benchmarks.photo_library --out DIR [--data DIR]

No photo that is held back is in it; machine-made label maps count from an expected accuracy on.
"""

import argparse
import sys
from pathlib import Path

from files.errors import InputError
from files.progress import progress_bar
from files.weights import BUNDLED
from retrieval.encoder import DualEncoder
from retrieval.library_writer import LibraryWriter
from retrieval.painted import scene_masks
from retrieval.photos import photo_code
from trecs.data.dataset import ANNOTATED, Dataset, data_folder
from trecs.data.pictures import photo_canvas

SURE = 0.7  # expected accuracy of a label map from which on its photo is taken
FILM_STEP = 5  # neighbouring frames of a film show the same


def main() -> None:
    """Builds the library."""
    parser = argparse.ArgumentParser(
        description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter
    )
    parser.add_argument("--out", type=Path, required=True, metavar="DIR")
    parser.add_argument("--data", type=Path, metavar="DIR")
    args = parser.parse_args()
    try:
        build(Dataset(data_folder(args.data)), args.out)
    except InputError as error:
        sys.exit(str(error))


def build(dataset: Dataset, out: Path) -> None:
    """Writes the library of a dataset's training photos."""
    photos = dataset.photos(held_back=False, sets=(*ANNOTATED, "coco_more", "msrc"))
    films = [photo for photo in photos if photo.source == "camvid"][::FILM_STEP]
    others = [photo for photo in photos if photo.source != "camvid" and photo.accuracy >= SURE]
    with LibraryWriter(out, photos=True) as writer:
        for photo in progress_bar([*others, *films], desc="photos", unit="photo"):
            canvas = photo_canvas(photo, dataset.things_of(photo))
            masks = scene_masks(canvas.label_map, canvas.instance_map)
            if masks:
                name = f"{photo.source}/{photo.name}"
                writer.append_scene(name, masks, photo_code(photo.image()))
        encoder = DualEncoder.load(BUNDLED / "encoder")
        writer.finish("training photos, for measuring", encoder.embed)
        print(f"{out}: {writer.scene_count:,} scenes with {writer.mask_count:,} masks")


if __name__ == "__main__":
    main()
