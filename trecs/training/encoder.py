"""Trains the dual encoder: descriptions against scenes in one batch, a flat, resumable loop."""

from collections import Counter
from collections.abc import Sequence
from dataclasses import dataclass, field, replace
from pathlib import Path

import numpy as np
import torch
from torch import Tensor, nn
from torch.nn import functional

from retrieval import layouts
from retrieval.encoder import DualEncoder, EncoderConfig, batch_of, normalise
from retrieval.library import SceneLibrary
from segmentation.errors import InputError
from segmentation.labels import COUNT
from trecs.training.data import Dataset
from trecs.training.encoder_data import Pair, generated_pairs, narrative_pairs, photo_pairs
from trecs.training.run import Run


@dataclass(frozen=True)
class EncoderTraining:
    """The numbers of an encoder training."""

    # The vocabulary's size is filled in.
    model: EncoderConfig = field(default_factory=lambda: EncoderConfig(words=0))
    steps: int = 1200
    batch: int = 256
    learning_rate: float = 3e-3
    weight_decay: float = 0.01
    temperature: float = 0.07  # of the similarities, at the start; it is learned
    soft_share: float = 0.3  # of the target that goes to scenes with similar labels
    soft_temperature: float = 0.1  # of the label sets' IoU in that share
    labels_weight: float = 0.5  # of the loss that reads the label set off either vector
    longest: int = 64  # words of a description; 91 % of the narratives are shorter
    word_dropout: float = 0.15
    mask_dropout: float = 0.1
    variants: int = 3  # laid-out scenes of a narrative
    narrative_share: float = 0.5  # of a batch; the rest by the other two
    photo_share: float = 0.35
    least_count: int = 2  # of a word in the vocabulary
    seed: int = 0

    @staticmethod
    def tiny() -> "EncoderTraining":
        """The same loop, small enough for tests."""
        return EncoderTraining(model=EncoderConfig.tiny(0), steps=4, batch=8, variants=1)


def contrastive_loss(similarities: Tensor, targets: Tensor) -> Tensor:
    """InfoNCE both ways with soft targets, in nats.

    `similarities` (B, B) of texts (rows) and scenes, already divided by the temperature;
    `targets` (B, B) non-negative, rescaled here to sum to one a row and a column.
    """
    rows = targets / targets.sum(1, keepdim=True)
    columns = targets / targets.sum(0, keepdim=True)
    to_scenes = -(rows * similarities.log_softmax(1)).sum(1).mean()
    to_texts = -(columns * similarities.log_softmax(0)).sum(0).mean()
    return 0.5 * (to_scenes + to_texts)


def train(
    config: EncoderTraining,
    data: Path,
    layout_folder: Path,
    library_folder: Path,
    out: Path,
    *,
    minutes: float | None = None,
) -> DualEncoder:
    """Trains (or goes on training) in the run folder `out`; the encoder is in `out/model`.

    `library_folder`: a library of generated scenes. Raises InputError where the data have no
    narratives or a folder is not what it should be.
    """
    pairs = _pairs(config, data, layout_folder, library_folder)
    chances = _chances(config, pairs)

    run = Run(out, seed=config.seed, minutes=minutes)
    state = run.resume()
    vocabulary = (
        state["vocabulary"]
        if state
        else _vocabulary([pair.words for pair in pairs], config.least_count)
    )
    encoder = DualEncoder(replace(config.model, words=len(vocabulary)), vocabulary)
    texts = [np.array(encoder.numbers(pair.words)[: config.longest] or [0]) for pair in pairs]
    learner = _Learner(encoder, config.temperature)
    optimizer = torch.optim.AdamW(
        learner.parameters(), lr=config.learning_rate, weight_decay=config.weight_decay
    )
    step = 0
    if state:
        run.restore(state, learner=learner, optimizer=optimizer)
        step = state["step"]
        run.announce(step, config.steps)
    network, fabric_optimizer = run.fabric.setup(learner, optimizer)

    while step < config.steps and not run.over:
        rng = np.random.default_rng((config.seed, step))
        picked = rng.choice(len(pairs), config.batch, p=chances)
        words = _words_of([texts[i] for i in picked], config.word_dropout, rng)
        labels, geometry, present = batch_of([pairs[i].scene for i in picked])
        present = _thinned(present, config.mask_dropout, rng)
        batch = [run.fabric.to_device(t) for t in (words, labels, geometry, present)]

        for group in fabric_optimizer.param_groups:
            group["lr"] = _learning_rate(config, step)
        text, scene, text_labels, scene_labels, scale = network(*batch)
        shown = _label_sets(batch[1], batch[3])
        targets = (1 - config.soft_share) * torch.eye(
            len(shown), device=shown.device
        ) + config.soft_share * (_iou(shown) / config.soft_temperature).softmax(1)
        contrast = contrastive_loss(scale * text @ scene.T, targets)
        reading = functional.binary_cross_entropy_with_logits(
            torch.cat((text_labels, scene_labels)), torch.cat((shown, shown)), reduction="none"
        )
        reading = reading.sum(1).mean()
        fabric_optimizer.zero_grad()
        run.fabric.backward(contrast + config.labels_weight * reading)
        fabric_optimizer.step()
        step += 1

        if step % 100 == 0 or step == config.steps:
            hits = (text @ scene.T).argmax(1) == torch.arange(len(text), device=text.device)
            run.log(
                step,
                contrast=contrast.item(),
                reading=reading.item(),
                recall_in_batch=hits.float().mean().item(),
            )
        if run.due():
            run.save(_state(learner, optimizer, step))
            encoder.save(out / "model")

    run.save(_state(learner, optimizer, step))
    encoder.cpu().eval().save(out / "model")
    return encoder


class _Learner(nn.Module):
    """The encoder with what only its training needs: a scale and label readers."""

    def __init__(self, encoder: DualEncoder, temperature: float) -> None:
        super().__init__()
        self.encoder = encoder
        self.log_scale = nn.Parameter(torch.tensor(float(-np.log(temperature))))
        self.read_text = nn.Linear(encoder.config.dimension, COUNT)
        self.read_scene = nn.Linear(encoder.config.dimension, COUNT)

    def forward(
        self, words: Tensor, labels: Tensor, geometry: Tensor, present: Tensor
    ) -> tuple[Tensor, Tensor, Tensor, Tensor, Tensor]:
        """Text and scene vectors (B, D), the labels read off them (B, 182), the scale."""
        text = self.encoder.text(words)
        scene = self.encoder.scene(labels, geometry, present)
        scale = self.log_scale.exp().clamp(max=100.0)
        return text, scene, self.read_text(10 * text), self.read_scene(10 * scene), scale


def _pairs(
    config: EncoderTraining, data: Path, layout_folder: Path, library_folder: Path
) -> list[Pair]:
    dataset, rng = Dataset(data), np.random.default_rng(config.seed)
    pairs = narrative_pairs(dataset, layouts.load(layout_folder), config.variants, rng)
    if not pairs:
        raise InputError(
            f"'{data}' holds no narratives to learn from; expected narratives/train.jsonl in it "
            "(`trecs data prepare` makes it)."
        )
    pairs += photo_pairs(dataset) + generated_pairs(SceneLibrary.open(library_folder), rng)
    return [pair for pair in pairs if len(pair.scene.labels) and pair.words]


def _vocabulary(texts: Sequence[Sequence[str]], least_count: int) -> list[str]:
    """The normalised words of different texts, the most frequent first."""
    counts = Counter(normalise(word) for words in set(map(tuple, texts)) for word in words)
    del counts[""]
    often = [word for word, count in counts.items() if count >= least_count]
    return sorted(often, key=lambda word: (-counts[word], word))


def _chances(config: EncoderTraining, pairs: list[Pair]) -> np.ndarray:
    """How likely each pair is drawn: the sources' shares, spread evenly inside each."""
    shares = {
        "narrative": config.narrative_share,
        "photo": config.photo_share,
        "generated": 1 - config.narrative_share - config.photo_share,
    }
    counts = Counter(pair.source for pair in pairs)
    chances = np.array([shares[pair.source] / counts[pair.source] for pair in pairs])
    return chances / chances.sum()


def _words_of(texts: list[np.ndarray], dropout: float, rng: np.random.Generator) -> Tensor:
    """Word numbers padded with 0, (B, N) int64; some words left out."""
    numbers = np.zeros((len(texts), max(map(len, texts))), np.int64)
    for row, text in zip(numbers, texts, strict=True):
        row[: len(text)] = text
    numbers[rng.random(numbers.shape) < dropout] = 0
    return torch.from_numpy(numbers)


def _thinned(present: Tensor, dropout: float, rng: np.random.Generator) -> Tensor:
    """Leaves out some masks, but none of a scene's largest, which is its first."""
    kept = torch.from_numpy(rng.random(tuple(present.shape)) >= dropout)
    kept[:, 0] = True
    return present & kept


def _label_sets(labels: Tensor, present: Tensor) -> Tensor:
    """Which labels each scene shows, (B, 182) of zeros and ones."""
    shown = torch.zeros(len(labels), COUNT, device=labels.device)
    return shown.scatter_reduce(1, labels, present.float(), "amax")


def _iou(shown: Tensor) -> Tensor:
    """The IoU (B, B) of label sets (B, L)."""
    common = shown @ shown.T
    sizes = shown.sum(1)
    return common / (sizes[:, None] + sizes - common).clamp(min=1)


def _learning_rate(config: EncoderTraining, step: int) -> float:
    """A short rise, then half a cosine down to a hundredth."""
    rise = min(1.0, (step + 1) / 100)
    return (
        config.learning_rate * rise * (0.505 + 0.495 * float(np.cos(np.pi * step / config.steps)))
    )


def _state(learner: _Learner, optimizer: torch.optim.Optimizer, step: int) -> dict[str, object]:
    return {
        "learner": learner.state_dict(),
        "optimizer": optimizer.state_dict(),
        "step": step,
        "vocabulary": list(learner.encoder.vocabulary),
    }
