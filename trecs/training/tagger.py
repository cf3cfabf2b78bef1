"""Trains the tagger: BERT, fine-tuned on the released narratives' tags and on plain English."""

from collections.abc import Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F
from torch.nn.utils.rnn import pad_sequence

from segmentation.errors import InputError
from segmentation.labels import COUNT
from trecs.tagger import Tagger, label_transitions
from trecs.tagger_network import Batch, TaggerConfig, TaggerNetwork
from trecs.training.bert import MINILM, find_bert, read_bert
from trecs.training.data import Dataset, TaggedNarrative
from trecs.training.optimization import move_average, warmup_cosine
from trecs.training.plain_english import PlainEnglish
from trecs.training.run import Run
from trecs.wordpieces import END, MASK, PAD, SPECIAL, START, WordPieces
from trecs.words import Vocabulary

NO_WORD = -100  # torch's ignore_index


@dataclass(frozen=True)
class TaggerTraining:
    """The recipe; the card of the bundled checkpoint says how it was used."""

    bert: str = MINILM  # a folder or a name on the hub
    steps: int = 1300
    batch: int = 32  # narratives
    plain: int = 16  # sentences of everyday English beside them
    exchange: float = 0.2  # share of nouns exchanged for others of their label
    forget: float = 0.1  # share of word pieces that are masked
    rate: float = 2e-4  # AdamW's for BERT's last layer, warmed up, then a cosine to 0
    layer_decay: float = 0.85  # of the rate, from each layer to the one before
    head_rate: float = 8e-4  # for the rest of the network
    warmup: int = 100
    decay: float = 0.01
    smoothing: float = 0.05  # of labels
    plain_weight: float = 0.25  # of the sentences' loss
    mention_weight: float = 2.0  # of the loss of naming the narrative's labels
    average: float = 0.995  # exponential moving average of the weights, which is what is kept
    keep: float = 0.4  # share of a given tagger's weights in the result
    precision: str = "auto"
    seed: int = 0
    small: bool = False  # TaggerConfig.tiny from scratch, for tests

    @classmethod
    def tiny(cls) -> "TaggerTraining":
        """The same path in a test's time."""
        return cls(steps=12, batch=4, plain=2, warmup=2, head_rate=1e-2, rate=1e-2, small=True)


def train(
    config: TaggerTraining,
    data: Path,
    out: Path,
    *,
    start: Path | None = None,
    minutes: float | None = None,
) -> Path:
    """Trains in the run folder `out`, going on where it stopped; returns the model's folder.

    The run begins with a BERT, or with the tagger of the folder `start`, whose weights are then
    averaged with the run's (WiSE-FT, Wortsman et al., CVPR 2022): both know things that the other
    has forgotten. One training narrative
    in 20 is set aside and its accuracy logged; `minutes` ends the run early, to be continued by
    the same call. The same configuration gives the same weights,
    interrupted or not. BERT's embeddings stay as they are, so that words that the narratives
    lack keep their place beside those they have. Raises InputError where there are no narratives
    or no BERT.
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
    first = Tagger.load(start) if start else _beginning(config, narratives, english)
    model_config, pieces, network = first.config, first.pieces, first.network
    narratives = [
        replace(narrative, words=narrative.words[part], tags=narrative.tags[part])
        for narrative in narratives
        for part in pieces.stretches(narrative.words, model_config.room)
    ]

    with Run(out, seed=config.seed, minutes=minutes, precision=config.precision) as run:
        # The model and its average
        if not config.small:
            for part in (network.bert.piece, network.bert.position, network.bert.norm):
                part.requires_grad_(False)
        network.transitions.copy_(torch.from_numpy(label_transitions([n.tags for n in narratives])))
        origin = {name: tensor.clone() for name, tensor in network.state_dict().items()}
        average = {name: tensor.clone() for name, tensor in origin.items()}
        optimizer = torch.optim.AdamW(_groups(network, config))
        model, optimizer = run.setup(network, optimizer)
        model.train()

        # Where an earlier run stopped
        step = 0
        settings = {"model": asdict(model_config), "pieces": list(pieces.pieces)}
        if state := run.resume():
            if {name: state.get(name) for name in settings} != settings:
                raise InputError(
                    f"'{out}' holds a run of another model or other data; give the settings it "
                    "was started with, or another --out."
                )
            run.restore(state, network=network, optimizer=optimizer)
            average, step = state["average"], state["step"]
            run.announce(step, config.steps)
        average = {name: tensor.to(run.fabric.device) for name, tensor in average.items()}

        def averaged() -> Tagger:
            kept = TaggerNetwork(model_config)
            kept.load_state_dict(average)
            if start:
                move_average(kept.state_dict(), origin, 1 - config.keep)
            return Tagger(model_config, pieces, first.words, kept)

        def save() -> None:
            parts = {"network": network.state_dict(), "optimizer": optimizer.state_dict()}
            run.save({**settings, **parts, "step": step, "average": average})
            if run.main:
                averaged().save(out / "model")

        losses: list[float] = []
        while step < config.steps and not run.over:
            # A step depends on its number alone, so that an interrupted run ends the same
            torch.manual_seed(config.seed * 1_000_003 + step)
            random = np.random.default_rng([config.seed, step])
            spoken = _narratives(narratives, english, config, step, random)
            made = [english.sentence(random) for _ in range(config.plain)]
            for group in optimizer.param_groups:
                group["lr"] = group["peak"] * warmup_cosine(step, config.steps, config.warmup)

            loss: Any = 0.0
            for texts, weight in ((spoken, 1.0), (made, config.plain_weight)):
                some = texts[run.share(len(texts))]
                batch = _masked(Batch.of(pieces, [words for words, _ in some]), config.forget)
                labels, mentioned = run.fabric.to_device(_targets([tags for _, tags in some]))
                words, mentions = model(*run.fabric.to_device(batch))  # (B, N, 182), (B, 182)
                naming = F.cross_entropy(
                    words.flatten(0, 1),
                    labels.flatten(),
                    ignore_index=NO_WORD,
                    label_smoothing=config.smoothing,
                )
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


def _beginning(
    config: TaggerTraining, narratives: Sequence[TaggedNarrative], english: PlainEnglish
) -> Tagger:
    """A tagger that has learned nothing but BERT; not even that if it is a small one."""
    spoken = [n.words for n in narratives]
    words = Vocabulary.of([*spoken, *[sorted(english.words())] * 2], at_least=2)
    if config.small:
        letters = sorted({letter for word in words.words[1:] for letter in word} - {"'"})
        pieces = WordPieces((*SPECIAL, "'", *letters, *(f"##{letter}" for letter in letters)))
        model_config, weights = TaggerConfig.tiny(len(pieces)), None
    else:
        model_config, pieces, weights = read_bert(find_bert(config.bert))
    torch.manual_seed(config.seed)
    network = TaggerNetwork(model_config)
    if weights:
        network.bert.load_state_dict(weights)
    return Tagger(model_config, pieces, words, network)


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


def _narratives(
    narratives: Sequence[TaggedNarrative],
    english: PlainEnglish,
    config: TaggerTraining,
    step: int,
    random: np.random.Generator,
) -> list[tuple[tuple[str, ...], NDArray[np.int64]]]:
    """Words and labels of this step's narratives; each comes once an epoch."""
    epoch, within = divmod(step, max(len(narratives) // config.batch, 1))
    order = _order([len(n.words) for n in narratives], config.batch, config.seed + epoch)
    chosen = []
    for i in order[within]:
        tags = narratives[i].tags.astype(np.int64)
        words = english.exchanged(narratives[i].words, tags, config.exchange, random)
        chosen.append((words, tags))
    return chosen


def _order(lengths: Sequence[int], batch: int, seed: int) -> list[NDArray[np.int64]]:
    """The batches of an epoch; those in a batch are alike in length, which saves time.

    All have `batch` narratives: the few that are left over wait for another epoch's order.
    """
    random = np.random.default_rng(seed)
    jittered = np.array(lengths) * random.uniform(0.8, 1.25, len(lengths))
    if len(lengths) <= batch:
        return [np.argsort(jittered)]
    shuffled = random.permutation(len(lengths))[: len(lengths) // batch * batch]
    batches = shuffled[np.argsort(jittered[shuffled])].reshape(-1, batch)
    return [batches[i] for i in random.permutation(len(batches))]


def _masked(batch: Batch, share: float) -> Batch:
    """The batch with a share of its pieces masked, so that their neighbours learn to serve."""
    inside = ~torch.isin(batch.pieces, torch.tensor([PAD, START, END]))
    masked = inside & (torch.rand(batch.pieces.shape) < share)
    return batch._replace(pieces=batch.pieces.masked_fill(masked, MASK))


def _targets(tags: Sequence[NDArray[np.int64]]) -> tuple[Tensor, Tensor]:
    """The label of every word (B, N) int64, and which labels occur (B, 182) float32."""
    rows = [torch.from_numpy(row) for row in tags]
    mentioned = torch.stack([torch.bincount(row, minlength=COUNT).gt(0).float() for row in rows])
    return pad_sequence(rows, batch_first=True, padding_value=NO_WORD), mentioned
