"""How well the DAMSM that teaches AttnGAN matches held-back photos and their texts.

    python -m benchmarks.damsm [--checkpoint FOLDER]

R-precision as for generated pictures: of a text of the photo and 99 of other photos, the photo's
own must be the nearest. Chance is 0.01. Photos and texts are those that no model was trained on;
the interval is a 95 % bootstrap over photos.
"""

import argparse
from pathlib import Path

import numpy as np

from retrieval.weights import BUNDLED
from trecs.evaluation.bootstrap import bootstrap_interval
from trecs.evaluation.matching import DamsmEncoder
from trecs.evaluation.photo_index import squeezed
from trecs.evaluation.text_match import draw_strangers, r_precision
from trecs.training.data import Dataset, data_folder
from trecs.training.described import described_photos

SIDE = 128
AT_ONCE = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "damsm")
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    damsm = DamsmEncoder.load(args.checkpoint)
    photos = described_photos(Dataset(data_folder(args.data)), held_back=True)
    pixels = np.stack([squeezed(one.photo.image(), SIDE) for one in photos])
    seen = np.concatenate(
        [damsm.pictures(pixels[i : i + AT_ONCE]) for i in range(0, len(pixels), AT_ONCE)]
    )
    photo_of = np.repeat(np.arange(len(photos)), [len(one.texts) for one in photos])
    texts = damsm.texts([text for one in photos for text in one.texts])
    own = np.arange(len(texts))
    hits = r_precision(seen[photo_of], texts, own, draw_strangers(photo_of, own)).astype(float)
    low, high = bootstrap_interval(hits, groups=photo_of)
    print(f"{len(photos)} photos, {len(texts)} texts")
    print(f"R-precision {hits.mean():.3f} ({low:.3f}-{high:.3f})")


if __name__ == "__main__":
    main()
