"""How well the encoders that measure R-precision match held-back photos and their texts.

    python -m benchmarks.matching [--checkpoint FOLDER]

The DAMSM taught AttnGAN, CLIP leads its own drawings and chooses among DALL-E's, the matcher taught
nothing. R-precision as for generated pictures: of a text of the photo and 99 of other photos, the
photo's own must be the nearest; R@5: one of the five nearest. Chance is 0.01 and 0.05. Photos and
texts are those that no model was trained on, whole, squeezed to 256x256, the same for both; the
intervals are 95 % bootstraps over photos.
"""

import argparse
from pathlib import Path

import numpy as np

from files.weights import BUNDLED
from trecs.data.dataset import Dataset, data_folder
from trecs.data.described import described_photos
from trecs.data.squeezing import squeezed
from trecs.evaluation.instruments.matcher import MatcherEncoder
from trecs.evaluation.instruments.matching import ClipEncoder, DamsmEncoder
from trecs.evaluation.instruments.plugins import Encoder
from trecs.evaluation.measures.bootstrap import bootstrap_interval
from trecs.evaluation.measures.text_match import (
    draw_strangers,
    r_precision,
    visual_semantic_similarity,
)

SIDE = 256
AT_ONCE = 32


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED)
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    encoders: dict[str, Encoder] = {
        "DAMSM": DamsmEncoder.load(args.checkpoint / "damsm"),
        "CLIP": ClipEncoder.load(args.checkpoint / "clip"),
        "matcher": MatcherEncoder.load(args.checkpoint / "matcher"),
    }
    photos = described_photos(Dataset(data_folder(args.data)), held_back=True)
    pixels = np.stack([squeezed(one.photo.image(), SIDE) for one in photos])
    photo_of = np.repeat(np.arange(len(photos)), [len(one.texts) for one in photos])
    own = np.arange(len(photo_of))
    strangers = draw_strangers(photo_of, own)
    print(f"{len(photos)} photos, {len(photo_of)} texts")
    print("| encoder | R-precision | R@5 | VS similarity, own texts | of other photos |")
    print("|---|---|---|---|---|")
    for name, encoder in encoders.items():
        parts = [pixels[i : i + AT_ONCE] for i in range(0, len(pixels), AT_ONCE)]
        seen = np.concatenate([encoder.pictures(part) for part in parts])[photo_of]
        texts = encoder.texts([text for one in photos for text in one.texts])
        texts = texts / np.linalg.norm(texts, axis=1, keepdims=True).clip(min=1e-12)
        hits = r_precision(seen, texts, own, strangers).astype(float)
        low, high = bootstrap_interval(hits, groups=photo_of)
        fifth = np.mean([
            (texts[others] @ vector >= texts[text] @ vector).sum() < 5
            for vector, text, others in zip(seen, own, strangers, strict=True)
        ])  # fmt: skip
        near = visual_semantic_similarity(seen, texts).mean()
        far = visual_semantic_similarity(seen, texts[strangers[:, 0]]).mean()
        told = f"{hits.mean():.3f} ({low:.3f}-{high:.3f}) | {fifth:.3f}"
        print(f"| {name} | {told} | {near:.3f} | {far:.3f} |")


if __name__ == "__main__":
    main()
