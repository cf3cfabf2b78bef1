"""All trainings at a test's size: the same path as in earnest, on made-up data."""

import json
from collections.abc import Callable
from pathlib import Path

import numpy as np
import torch

from retrieval import layouts
from retrieval.library_writer import LibraryWriter
from segmentation.masks import Mask
from tests.retrieval.models import DOG, GRASS, SKY, layout_model
from tests.trecs.data.captioned import captioned, random_trunk
from tests.trecs.data.tiny_photos import with_one_held_back
from tests.trecs.synthesis.painter.random_autoencoder import random_autoencoder
from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.alignment.training import AlignmentTraining, train_alignment
from trecs.data.dataset import Dataset
from trecs.evaluation.instruments.matcher_training import MatcherTraining, train_matcher
from trecs.evaluation.instruments.segmenter_training import SegmenterTraining, train_segmenter
from trecs.prediction import training as prediction
from trecs.scenes import encoder
from trecs.synthesis.painter.latent_making import make_latents
from trecs.synthesis.painter.latent_training import LatentStageTraining
from trecs.synthesis.painter.latent_training import train_latents as train_painter_latents
from trecs.synthesis.painter.painter import save_thumbnails
from trecs.synthesis.painter.thumbnail_training import ThumbnailStageTraining, train_thumbnails
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.synthesis.recipe import GeneratorTraining
from trecs.synthesis.thumbnail_distillation import DistillationTraining, train_distilled
from trecs.synthesis.training import train_generator
from trecs.systems.attngan.training import AttnGanTraining, train_attngan
from trecs.systems.cigan.recipe import train_cigan
from trecs.systems.cigan.training import CiGanTraining
from trecs.systems.clip.recipe import ClipTraining, train_clip
from trecs.systems.controlgan.recipe import ControlGanTraining, train_controlgan
from trecs.systems.dalle.recipe import DalleTraining, train_dalle
from trecs.systems.dmgan.recipe import DmGanTraining, train_dmgan
from trecs.systems.fusedgan.recipe import FusedGanTraining, train_fusedgan
from trecs.systems.hdgan.recipe import HdGanTraining, train_hdgan
from trecs.systems.mirrorgan.recipe import MirrorGanTraining, train_mirrorgan
from trecs.systems.parts.damsm import Damsm, DamsmConfig, DamsmNetworks
from trecs.systems.parts.damsm_training import DamsmTraining, train_damsm
from trecs.systems.ppan.recipe import PpanTraining, train_ppan
from trecs.systems.ppgn.recipe import PpgnTraining, train_ppgn
from trecs.systems.sdgan.recipe import SdGanTraining, train_sdgan
from trecs.tagging import training as tagging
from trecs.tagging.course import TaggerTraining
from trecs.trunks.efficientnet import LITE0, LITE2


class Made:
    """A folder with what tiny trainings read."""

    def __init__(self, folder: Path) -> None:
        self.folder = folder
        self.captioned = captioned(folder / "captioned")
        self.photos = with_one_held_back(folder / "photos")
        self.narratives = _narratives(folder / "narratives")
        self.lite0 = random_trunk(folder / "lite0.pth", LITE0)
        self.lite2 = random_trunk(folder / "lite2.pth", LITE2)
        make_latents(self.photos, random_autoencoder(), folder / "latents")
        layouts.save(layout_model(), folder / "layout")
        full = Mask((0, 0, 1, 1), np.ones((4, 4), bool))
        with LibraryWriter(folder / "library") as writer:
            for label in (GRASS, SKY):
                dogs = [(DOG, Mask((0.1, 0.5, 0.3, 0.9), full.bitmap))] * 2
                writer.append_scene("a scene", [(label, full), *dogs])
            writer.finish("a test")
        torch.manual_seed(0)
        save_thumbnails(folder / "thumbnails", ThumbnailStage(ThumbnailStageConfig.tiny()))

    @property
    def damsm(self) -> Damsm:
        """One of random weights."""
        torch.manual_seed(0)
        return Damsm(DamsmNetworks(DamsmConfig.tiny(len(VOCABULARY))), VOCABULARY)


def _narratives(folder: Path) -> Dataset:
    """Eleven narratives, that of photo 20 set aside, and no annotations."""
    (folder / "narratives").mkdir(parents=True)
    told = [
        ("a dog on the grass", "dog dog grass grass grass"),
        ("we see a red bus", "bus bus bus bus bus"),
    ]
    with (folder / "narratives" / "train.jsonl").open("w") as file:
        for i in range(20, 31):
            words, tags = told[i % 2]
            record = {"image_id": i, "annotator_id": 1, "words": words.split()}
            file.write(json.dumps({**record, "tags": tags.split()}) + "\n")
    (folder / "coco_mini").mkdir()
    (folder / "coco_mini" / "instances.json").write_text('{"images": [], "annotations": []}')
    return Dataset(folder)


def _alignment(made: Made, out: Path) -> None:
    train_alignment(AlignmentTraining.tiny(), made.captioned, out)


TRAININGS: dict[str, Callable[[Made, Path], object]] = {
    "tagger": lambda made, out: tagging.train_tagger(TaggerTraining.tiny(), made.narratives, out),
    "trace": lambda made, out: prediction.train_trace(
        prediction.TraceTraining.tiny(), made.photos, out
    ),
    "alignment": _alignment,
    "encoder": lambda made, out: encoder.train_encoder(
        encoder.EncoderTraining.tiny(),
        made.narratives,
        out,
        layout=made.folder / "layout",
        library=made.folder / "library",
    ),
    "generator": lambda made, out: train_generator(
        GeneratorTraining.tiny(),
        made.photos,
        out,
        thumbnails=made.folder / "thumbnails",
        trunk=made.lite0,
    ),
    "painter thumbnails": lambda made, out: train_thumbnails(
        ThumbnailStageTraining.tiny(), made.photos, out
    ),
    "painter distilled": lambda made, out: train_distilled(
        DistillationTraining.tiny(),
        made.photos,
        out,
        start=made.folder / "thumbnails",
        trunk=made.lite0,
    ),
    "painter latents": lambda made, out: train_painter_latents(
        LatentStageTraining.tiny(), None, out, latents=made.folder / "latents"
    ),
    "damsm": lambda made, out: train_damsm(
        DamsmTraining.tiny(), made.captioned, out, trunk=made.lite0
    ),
    "attngan": lambda made, out: train_attngan(
        AttnGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "dalle": lambda made, out: train_dalle(
        DalleTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "ppgn": lambda made, out: train_ppgn(
        PpgnTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "clip": lambda made, out: train_clip(ClipTraining.tiny(), made.captioned, out),
    "mirrorgan": lambda made, out: train_mirrorgan(
        MirrorGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "hdgan": lambda made, out: train_hdgan(
        HdGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "ppan": lambda made, out: train_ppan(
        PpanTraining.tiny(), made.captioned, out, damsm=made.damsm, trunk=made.lite0
    ),
    "fusedgan": lambda made, out: train_fusedgan(
        FusedGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "dmgan": lambda made, out: train_dmgan(
        DmGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "sdgan": lambda made, out: train_sdgan(
        SdGanTraining.tiny(), made.captioned, out, damsm=made.damsm
    ),
    "controlgan": lambda made, out: train_controlgan(
        ControlGanTraining.tiny(), made.captioned, out, damsm=made.damsm, trunk=made.lite0
    ),
    "cigan": lambda made, out: train_cigan(
        CiGanTraining.tiny(), made.captioned, out, damsm=made.damsm, trunk=made.lite0
    ),
    "matcher": lambda made, out: train_matcher(
        MatcherTraining.tiny(), made.captioned, out, trunk=made.lite2
    ),
    "segmenter": lambda made, out: train_segmenter(
        SegmenterTraining.tiny(), made.captioned, out, trunk=made.lite2
    ),
}
