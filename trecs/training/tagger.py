"""Trains the tagger on the released narratives' tags, with everyday English mixed in."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from segmentation.errors import InputError
from trecs.tagger import Tagger, TaggerConfig, TaggerNetwork, encode, label_transitions
from trecs.training.data import Dataset, TaggedNarrative
from trecs.training.optimization import move_average, warmup_cosine
from trecs.training.plain_english import UNLABELLED, PlainEnglish
from trecs.training.run import Run
from trecs.words import Vocabulary


@dataclass(frozen=True)
class TaggerTraining:
    """The recipe; the defaults made the bundled checkpoint."""

    steps: int = 1500
    batch: int = 32  # narratives
    plain: int = 24  # sentences of everyday English beside them
    exchange: float = 0.2  # share of nouns exchanged for others of their label
    forget: float = 0.1  # share of words seen as `<unk>`, half of them without affixes
    rate: float = 3e-3  # AdamW's, warmed up, then a cosine to 0
    warmup: int = 100
    decay: float = 0.01
    smoothing: float = 0.1  # of labels
    average: float = 0.998  # exponential moving average of the weights, which is what is kept
    at_least: int = 2  # occurrences of a known word
    seed: int = 0
    small: bool = False  # TaggerConfig.tiny, for tests

    @classmethod
    def tiny(cls) -> "TaggerTraining":
        """The same path in a test's time."""
        return cls(steps=12, batch=4, plain=2, warmup=2, small=True)


def train(config: TaggerTraining, data: Path, out: Path, *, minutes: float | None = None) -> Path:
    """Trains in the run folder `out`, going on where it stopped; returns the model's folder.

    One training narrative in 20 is set aside and its accuracy logged; `minutes` ends the run
    early, to be continued by the same call. The same configuration gives the same weights,
    interrupted or not. Raises InputError where there are no narratives.
    """
    narratives = Dataset(data).narratives("train")
    if not narratives:
        raise InputError(
            f"'{data}' has no training narratives; expected narratives/train.jsonl with words "
            "and tags."
        )
    aside = [n for n in narratives if n.image_id % 20 == 0]
    narratives = [n for n in narratives if n.image_id % 20]
    english = PlainEnglish.read()

    # The model and its average
    vocabulary = _vocabulary(narratives, english, config.at_least)
    make = TaggerConfig.tiny if config.small else TaggerConfig
    model_config = make(len(vocabulary))
    run = Run(out, seed=config.seed, minutes=minutes)
    network = TaggerNetwork(model_config)
    network.transitions.copy_(torch.from_numpy(label_transitions([n.tags for n in narratives])))
    average = {name: tensor.clone() for name, tensor in network.state_dict().items()}
    optimizer = torch.optim.AdamW(network.parameters(), config.rate, weight_decay=config.decay)
    model, optimizer = run.fabric.setup(network, optimizer)
    model.train()

    # Where an earlier run stopped
    step = 0
    if state := run.resume():
        if state["model"] != asdict(model_config):
            raise InputError(
                f"'{out}' holds a run of another model or other data; give the settings it was "
                "started with, or another --out."
            )
        run.restore(state, network=network, optimizer=optimizer)
        average, step = state["average"], state["step"]
        run.announce(step, config.steps)
    average = {name: tensor.to(run.fabric.device) for name, tensor in average.items()}

    def export() -> Tagger:
        kept = TaggerNetwork(model_config)
        kept.load_state_dict(average)
        tagger = Tagger(model_config, vocabulary, kept)
        tagger.save(out / "model")
        return tagger

    def save() -> None:
        run.save(
            {
                "model": asdict(model_config),
                "step": step,
                "network": network.state_dict(),
                "average": average,
                "optimizer": optimizer.state_dict(),
            }
        )
        export()

    losses: list[float] = []
    while step < config.steps and not run.over:
        # A step depends on its number alone, so that an interrupted run ends the same
        torch.manual_seed(config.seed * 1_000_003 + step)
        random = np.random.default_rng([config.seed, step])
        words, labels = _batch(narratives, english, config, step, random)
        numbers, affixes, lengths = encode(vocabulary, model_config.affixes, words)
        _forget(numbers, affixes, config.forget)
        for group in optimizer.param_groups:
            group["lr"] = config.rate * warmup_cosine(step, config.steps, config.warmup)

        logits = model(*run.fabric.to_device((numbers, affixes)), lengths)  # (B, N, 182)
        loss = F.cross_entropy(
            logits.flatten(0, 1),
            run.fabric.to_device(_padded(labels)).flatten(),
            ignore_index=UNLABELLED,
            label_smoothing=config.smoothing,
        )
        optimizer.zero_grad()
        run.fabric.backward(loss)
        run.fabric.clip_gradients(model, optimizer, max_norm=1.0)
        optimizer.step()
        step += 1
        decay = min(config.average, step / (step + 10))
        move_average(average, network.state_dict(), decay)

        losses.append(loss.item())
        if step % 200 == 0 or step == config.steps:
            accuracy = token_accuracy(export(), aside)
            run.log(step, loss=float(np.mean(losses)), accuracy=accuracy)
            losses.clear()
        if run.due():
            save()
    save()
    return out / "model"


def token_accuracy(tagger: Tagger, narratives: Sequence[TaggedNarrative]) -> float:
    """The share of words whose label is right, 0 to 1."""
    right = total = 0
    for start in range(0, len(narratives), 64):
        some = narratives[start : start + 64]
        for tags, narrative in zip(tagger.tag_all([n.words for n in some]), some, strict=True):
            right += int((tags.labels == narrative.tags).sum())
            total += len(narrative.tags)
    return right / max(total, 1)


def _vocabulary(
    narratives: Sequence[TaggedNarrative], english: PlainEnglish, at_least: int
) -> Vocabulary:
    """The narratives' words that occur often enough, and all of the everyday ones."""
    everyday = [sorted(english.words())] * at_least
    return Vocabulary.of([*(n.words for n in narratives), *everyday], at_least=at_least)


def _batch(
    narratives: Sequence[TaggedNarrative],
    english: PlainEnglish,
    config: TaggerTraining,
    step: int,
    random: np.random.Generator,
) -> tuple[list[tuple[str, ...]], list[NDArray[np.int64]]]:
    """Words and labels of this step: real narratives, each once an epoch, and plain English."""
    epoch, within = divmod(step, max(len(narratives) // config.batch, 1))
    batches = _order([len(n.words) for n in narratives], config.batch, config.seed + epoch)
    words, labels = [], []
    for i in batches[within]:
        tags = narratives[i].tags.astype(np.int64)
        words.append(english.exchanged(narratives[i].words, tags, config.exchange, random))
        labels.append(tags)
    for _ in range(config.plain):
        sentence, sentence_labels = english.sentence(random)
        words.append(sentence)
        labels.append(sentence_labels)
    return words, labels


def _order(lengths: Sequence[int], batch: int, seed: int) -> list[NDArray[np.int64]]:
    """The batches of an epoch; those in a batch are alike in length, which saves time."""
    random = np.random.default_rng(seed)
    jittered = np.array(lengths) * random.uniform(0.8, 1.25, len(lengths))
    batches = np.array_split(np.argsort(jittered), max(len(lengths) // batch, 1))
    return [batches[i] for i in random.permutation(len(batches))]


def _forget(numbers: Tensor, affixes: Tensor, share: float) -> None:
    """Makes a share of the words unknown, in place, so that `<unk>` and affixes learn to serve."""
    forgotten = torch.rand(numbers.shape) < share
    numbers[forgotten] = 0
    affixes[forgotten & (torch.rand(numbers.shape) < 0.5)] = 0


def _padded(labels: Sequence[NDArray[np.int64]]) -> Tensor:
    rows = [torch.from_numpy(row) for row in labels]
    return torch.nn.utils.rnn.pad_sequence(rows, batch_first=True, padding_value=UNLABELLED)
