"""Released files, made here of small networks: a TorchScript archive and a state dict."""

import warnings
from dataclasses import replace
from pathlib import Path

import pytest
import torch
from safetensors.torch import save_file

from files.errors import InputError
from tests.trecs.systems.references import assert_near
from trecs.systems.clip.released import import_clip
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_tokens import BytePairs
from trecs.systems.parts.contrastive import Contrastive

PAIRS = BytePairs([("o", "g</w>"), ("d", "og</w>")])
VIT = ClipConfig(6, 16, 8, (2,), 8, 1, 8, PAIRS.vocabulary, 8, 1, 1)
RESNET = replace(
    VIT, side=32, patch=32, picture_layers=(1, 2, 1, 1), picture_width=4, picture_heads=2
)


def network(config: ClipConfig) -> Clip:
    torch.manual_seed(0)
    made = Clip(config).eval().requires_grad_(False)
    return made.half().float()


def pairs(folder: Path) -> Path:
    PAIRS.write(folder)
    return folder / "merges.txt"


def archive(made: Clip, path: Path) -> Path:
    """As the authors released theirs: a traced program."""
    tokens = torch.tensor([[PAIRS.vocabulary - 2, 5, PAIRS.vocabulary - 1]])
    with warnings.catch_warnings():
        warnings.simplefilter("ignore")
        shown = torch.zeros(1, 3, made.config.side, made.config.side)
        torch.jit.save(torch.jit.trace(made, (shown, tokens), check_trace=False), str(path))
    return path


@pytest.mark.parametrize("config", [VIT, RESNET], ids=["vit", "resnet"])
def test_both_kinds_of_files_are_imported(config: ClipConfig, tmp_path: Path) -> None:
    made = network(config)
    sizes = {"input_resolution": torch.tensor(16), "vocab_size": torch.tensor(9)}
    save_file({**made.state_dict(), **sizes}, tmp_path / "state.safetensors")
    pictures = torch.rand(2, 3, 32, 32) * 2 - 1
    expected = Contrastive(made, PAIRS).score(pictures, ["a dog", "dogs"])
    for path in (archive(made, tmp_path / "ViT.pt"), tmp_path / "state.safetensors"):
        out = tmp_path / f"out-{path.stem}"
        import_clip([pairs(tmp_path), path], out)
        found = Contrastive.load(out)
        assert found.network.config == config
        assert_near(found.score(pictures, ["a dog", "dogs"]), expected, 1e-5)
        assert f"`{path.name}`" in (out / "README.md").read_text()


def test_half_of_the_files_is_refused(tmp_path: Path) -> None:
    with pytest.raises(InputError, match="0 files of weights and 1 of byte pairs"):
        import_clip([pairs(tmp_path)], tmp_path / "out")


def test_pairs_of_another_vocabulary_are_refused(tmp_path: Path) -> None:
    save_file(network(replace(VIT, vocabulary=9)).state_dict(), tmp_path / "a.safetensors")
    with pytest.raises(InputError, match="There are 516 tokens, but the table"):
        import_clip([pairs(tmp_path), tmp_path / "a.safetensors"], tmp_path / "out")


def test_other_weights_are_refused(tmp_path: Path) -> None:
    state = network(VIT).state_dict()
    del state["visual.ln_pre.weight"]
    save_file(state, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"1 missing \(visual.ln_pre.weight\)"):
        import_clip([pairs(tmp_path), tmp_path / "a.safetensors"], tmp_path / "out")
    save_file({"ca_net.fc.weight": torch.zeros(2, 2)}, tmp_path / "b.safetensors")
    with pytest.raises(InputError, match="what tells its sizes is missing"):
        import_clip([pairs(tmp_path), tmp_path / "b.safetensors"], tmp_path / "out")


@pytest.mark.parametrize(
    ("name", "shape"),
    [("text_projection", (200, 6)), ("text_projection", (0, 6)),
     ("visual.conv1.weight", (200, 3, 8, 8)), ("visual.conv1.weight", (0, 3, 8, 8)),
     ("visual.conv1.weight", (8, 3, 0, 0)), ("resblocks", None)],
)  # fmt: skip
def test_sizes_that_are_no_networks_are_refused(
    name: str, shape: tuple[int, ...] | None, tmp_path: Path
) -> None:
    state = network(VIT).state_dict()
    if shape:
        state[name] = torch.zeros(shape)
    else:
        state = {key: value for key, value in state.items() if name not in key}
    save_file(state, tmp_path / "a.safetensors")
    with pytest.raises(InputError, match=r"its sizes do not go together\.$"):
        import_clip([pairs(tmp_path), tmp_path / "a.safetensors"], tmp_path / "out")
