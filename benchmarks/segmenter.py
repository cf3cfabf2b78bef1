"""How well the segmenter that measures pictures labels held-back photos.

    python -m benchmarks.segmenter [--checkpoint FOLDER]

187 scenes that no model was trained on (63 COCO, 100 Flickr8k, every tenth of CamVid's 233 frames),
256x256. Pixel accuracy and mean IoU are those of `trecs evaluate`: over the pixels of all scenes
together. "One label" says everywhere what the scenes of that source show most of.
Things found are those that a scene shows on at least 0.4 % of its pixels.
"""

import argparse
from pathlib import Path

import numpy as np

from files.weights import BUNDLED
from segmentation.labels import FIRST_STUFF, UNLABELED
from trecs.data.dataset import Dataset, data_folder
from trecs.data.scenes import Scene, held_back_photos, load_scenes
from trecs.evaluation.instruments.segmenter import LEAST_SEEN, Segmenter
from trecs.evaluation.measures.resegmentation import label_overlaps, segmentation_scores

SIDE = 256


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / "segmenter")
    parser.add_argument("--data", type=Path)
    args = parser.parse_args()
    segmenter = Segmenter.load(args.checkpoint)
    dataset = Dataset(data_folder(args.data))
    scenes = load_scenes(dataset, held_back_photos(dataset), SIDE)
    print("| photos of | pixel accuracy | mean IoU | one label: pixel accuracy | mean IoU |")
    print("|---|---|---|---|---|")
    for source in ("coco", "flickr", "camvid"):
        chosen = [scene for scene in scenes if scene.source == source]
        ours = [segmenter.segment(scene.photo[None])[0] for scene in chosen]
        one = [np.full((SIDE, SIDE), commonest(chosen), np.uint8)] * len(chosen)
        cells = [f"{value:.3f}" for maps in (ours, one) for value in scores(chosen, maps)]
        print(f"| {source} ({len(chosen)}) | {' | '.join(cells)} |")
    found, there, both = (0, 0, 0)
    for scene in scenes:
        (seen,) = (set(one) for one in segmenter.find(scene.photo[None]))
        shown = things(scene)
        found, there, both = found + len(seen), there + len(shown), both + len(seen & shown)
    print(f"\nThings: precision {both / found:.3f}, recall {both / there:.3f}, of {there}.")


def scores(scenes: list[Scene], maps: list[np.ndarray]) -> tuple[float, float]:
    """Pixel accuracy and mean IoU."""
    pairs = zip(scenes, maps, strict=True)
    overlaps = np.stack([label_overlaps(scene.canvas.label_map, seen) for scene, seen in pairs])
    iou, accuracy = segmentation_scores(overlaps)
    return accuracy, iou


def commonest(scenes: list[Scene]) -> int:
    labels = np.stack([scene.canvas.label_map for scene in scenes])
    return int(np.bincount(labels[labels != UNLABELED]).argmax())


def things(scene: Scene) -> set[int]:
    labels = scene.canvas.label_map
    shares = np.bincount(labels.ravel(), minlength=256)[:FIRST_STUFF] / labels.size
    return set(np.flatnonzero(shares >= LEAST_SEEN).tolist())


if __name__ == "__main__":
    main()
