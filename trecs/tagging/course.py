"""One course of the tagger's training: from one tagger to a better one, on given lessons."""

import copy
import time
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any

import numpy as np
import torch
from torch import Tensor
from torch.nn import functional as F

from files.errors import InputError
from trecs.learning.optimization import move_average, warmup_cosine
from trecs.learning.run import Run
from trecs.tagging import lessons
from trecs.tagging.calibration import cooled
from trecs.tagging.lessons import Lesson
from trecs.tagging.network import Batch, TaggerNetwork
from trecs.tagging.plain_english import PlainEnglish
from trecs.tagging.tagger import Tagger
from trecs.trunks.bert import MINILM


@dataclass(frozen=True)
class TaggerTraining:
    """The recipe; the card of the bundled checkpoint says how it was used."""

    bert: str = MINILM  # a folder or a name on the hub
    steps: int = 3400  # of the student
    teachers: int = 2  # of which each leaves out another fold of the narratives
    teacher_steps: int = 800
    teaching: float = 0.5  # share of the teachers' opinions in what is learned
    finals: int = 2  # last courses, of which each starts from the student
    last_steps: int = 1000  # of each, on the tags alone, of the narratives as they are
    last_rate: float = 0.6  # of the rates before
    last_plain_weight: float = 0.05  # of the sentences' loss
    batch: int = 16  # narratives
    plain: int = 4  # sentences of everyday English beside them
    exchange: float = 0.1  # share of nouns exchanged for others of their label
    forget: float = 0.15  # share of word pieces that are masked
    rate: float = 1.5e-4  # AdamW's for BERT's last layer, warmed up, then a cosine to 0
    layer_decay: float = 0.85  # of the rate, from each layer to the one before
    head_rate: float = 6e-4  # for the rest of the network
    warmup: int = 100
    decay: float = 0.01
    smoothing: float = 0.05  # of labels
    plain_weight: float = 0.2  # of the sentences' loss
    mention_weight: float = 2.0  # of the loss of naming the narrative's labels
    average: float = 0.995  # exponential moving average of the weights, which is what is kept
    precision: str = "auto"
    seed: int = 0
    small: bool = False  # TaggerConfig.tiny from scratch, for tests

    @classmethod
    def tiny(cls) -> "TaggerTraining":
        """The same path in a test's time."""
        return cls(
            steps=12,
            teachers=2,
            teacher_steps=4,
            finals=1,
            last_steps=3,
            batch=4,
            plain=2,
            warmup=2,
            head_rate=1e-2,
            rate=1e-2,
            small=True,
        )


def fit(
    config: TaggerTraining,
    start: Tagger,
    learned: Sequence[Lesson],
    english: PlainEnglish,
    aside: Sequence[Lesson],
    out: Path,
    ends_at: float | None,
) -> bool:
    """Trains a copy of the tagger `start` in the run folder `out`; whether to the last step.

    The accuracy on the lessons `aside` is logged, and the last layer of what is kept is divided by
    the temperature that suits them. BERT's embeddings stay as they are, so that words that the
    narratives lack keep their place beside those they have. `ends_at` is a time.monotonic().
    """
    minutes = None if ends_at is None else max(ends_at - time.monotonic(), 0) / 60
    network = copy.deepcopy(start.network)
    with Run(out, seed=config.seed, minutes=minutes, precision=config.precision) as run:
        # The model and its average
        if not config.small:
            for part in (network.bert.piece, network.bert.position, network.bert.norm):
                part.requires_grad_(False)
        average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        # Scaled gradients cannot be clipped where the optimizer unscales them, as a fused one does
        fused = config.precision != "16-mixed"
        optimizer = torch.optim.AdamW(_groups(network, config), fused=fused)
        model, optimizer = run.setup(network, optimizer)
        model.train()

        # Where an earlier run stopped
        step = 0
        settings = {"model": asdict(start.config), "pieces": list(start.pieces.pieces)}
        if state := run.resume():
            if {name: state.get(name) for name in settings} != settings:
                raise InputError(
                    f"'{out}' holds a run of another model or other data; give the settings it "
                    "was started with, or another --out."
                )
            run.restore(state, network=network, optimizer=optimizer)
            average, step = state["average"], state["step"]
            if step < config.steps:
                run.announce(step, config.steps)
        average = {name: tensor.to(run.fabric.device) for name, tensor in average.items()}

        def averaged() -> Tagger:
            kept = TaggerNetwork(start.config)
            kept.load_state_dict(average)
            return Tagger(start.config, start.pieces, start.words, kept)

        def save() -> None:
            parts = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            run.save({**settings, **parts, "step": step, "average": average})
            if run.main:
                tagger = averaged()
                done = step >= config.steps
                (cooled(tagger, aside) if done else tagger).save(out / "model")

        losses: list[float] = []
        while step < config.steps and not run.over:
            # A step depends on its number alone, so that an interrupted run ends the same
            torch.manual_seed(config.seed * 1_000_003 + step)
            random = np.random.default_rng([config.seed, step])
            spoken = [
                lessons.exchanged(learned[i], english, config.exchange, random)
                for i in _narratives(learned, config, step)
            ]
            made = [Lesson.of(*english.sentence(random)) for _ in range(config.plain)]
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * warmup_cosine(step, config.steps, config.warmup)

            loss: Any = 0.0
            for texts, weight in ((spoken, 1.0), (made, config.plain_weight)):
                some = texts[run.share(len(texts))]
                batch = Batch.of(start.pieces, [lesson.words for lesson in some])
                batch = lessons.masked(batch, config.forget)
                labels, mentioned = run.fabric.to_device(lessons.targets(some))
                words, mentions = model(*run.fabric.to_device(batch))  # (B, N, 182), (B, 182)
                naming = lessons.naming_loss(words, labels, config.smoothing)
                mentioning = F.binary_cross_entropy_with_logits(mentions, mentioned)
                loss = loss + weight * (naming + config.mention_weight * mentioning)
            run.step(loss, optimizer, clip=1.0)
            step += 1
            decay = min(config.average, step / (step + 10))
            move_average(average, network.state_dict(), decay)

            losses.append(loss.item())
            if step % 50 == 0 or step == config.steps:
                run.log(step, loss=float(np.mean(losses)))
                losses.clear()
            if run.main and (step % 300 == 0 or step == config.steps):
                run.log(step, accuracy=token_accuracy(averaged(), aside))
            if run.due():
                save()
        save()
    return step >= config.steps and not run.over


def token_accuracy(tagger: Tagger, narratives: Sequence[Lesson]) -> float:
    """The share of words whose label is right, 0 to 1."""
    right = total = 0
    for start in range(0, len(narratives), 64):
        some = narratives[start : start + 64]
        for tags, narrative in zip(tagger.tag_all([n.words for n in some]), some, strict=True):
            right += int((tags.labels == narrative.tags).sum())
            total += len(narrative.tags)
    return right / max(total, 1)


def _groups(network: TaggerNetwork, config: TaggerTraining) -> list[dict[str, Any]]:
    """What learns, by learning rate and weight decay: the nearer to the words, the slower."""
    layers = len(network.bert.encoder.layers)
    groups: dict[tuple[float, float], list[Tensor]] = {}
    for name, parameter in network.named_parameters():
        if name.startswith("bert.encoder.layers."):
            above = layers - 1 - int(name.split(".")[3])
            rate = config.rate * config.layer_decay**above
        elif name.startswith("bert."):
            rate = config.rate * config.layer_decay**layers
        else:
            rate = config.head_rate
        decay = config.decay if parameter.ndim > 1 else 0.0
        if parameter.requires_grad:
            groups.setdefault((rate, decay), []).append(parameter)
    return [
        {"params": parameters, "lr": rate, "peak": rate, "weight_decay": decay}
        for (rate, decay), parameters in groups.items()
    ]


def _narratives(learned: Sequence[Lesson], config: TaggerTraining, step: int) -> list[int]:
    """Which lessons this step takes; each comes once an epoch."""
    epoch, within = divmod(step, max(len(learned) // config.batch, 1))
    lengths = [len(lesson.words) for lesson in learned]
    chosen: list[int] = lessons.order(lengths, config.batch, config.seed + epoch)[within].tolist()
    return chosen
