import importlib.util
from pathlib import Path
from typing import Any

import huggingface_hub
import pytest
import torch

from files.errors import InputError
from trecs.synthesis.diffusion import loading
from trecs.synthesis.diffusion.settings import DiffusionSettings

GIB = 2**30


@pytest.fixture(autouse=True)
def nothing_imported(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setenv("TRECS_HOME", str(tmp_path / "home"))


@pytest.fixture
def offline(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_OFFLINE", True)
    monkeypatch.setattr(huggingface_hub.constants, "HF_HUB_CACHE", str(tmp_path / "cache"))


def test_without_the_library_one_line_says_how_to_have_it(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(importlib.util, "find_spec", lambda name: None)
    for read in (lambda: loading.load(DiffusionSettings(), "cpu"), _folders):
        with pytest.raises(InputError, match=r"`pip install \.\[diffusion\]`") as told:
            read()
        assert "\n" not in str(told.value)


def _folders() -> Any:
    return loading.local_folders(DiffusionSettings())


def test_settings_come_before_what_lies_beside_the_weights_and_that_before_the_hub(
    tmp_path: Path,
) -> None:
    pytest.importorskip("diffusers")
    assert loading.chosen(DiffusionSettings()) == (loading.MODEL, loading.CONTROLNET)
    own = tmp_path / "home" / "weights" / "diffusers"
    (own / "model").mkdir(parents=True)
    assert loading.chosen(DiffusionSettings()) == (str(own / "model"), loading.CONTROLNET)
    (own / "controlnet").mkdir()
    assert loading.chosen(DiffusionSettings("a/b")) == ("a/b", str(own / "controlnet"))
    assert loading.chosen(DiffusionSettings("a/b", "c/d")) == ("a/b", "c/d")
    assert _folders() == (own / "model", own / "controlnet")


@pytest.mark.usefixtures("offline")
def test_a_missing_model_offline_says_what_was_tried_and_how_to_give_a_folder(
    pair: tuple[str, str],
) -> None:
    with pytest.raises(InputError) as told:
        loading.load(DiffusionSettings("nobody/nothing", pair[1]), "cpu")
    assert str(told.value) == (
        "'nobody/nothing' is no folder, nor could it be had from the Hugging Face Hub: offline, no "
        "such repository, or no access. Where there is a network, `hf download nobody/nothing "
        "--local-dir DIR`; then give --model DIR."
    )
    with pytest.raises(InputError, match="then give --controlnet DIR"):
        loading.load(DiffusionSettings(pair[0]), "cpu")
    with pytest.raises(InputError, match="neither a folder nor was it downloaded; `hf download"):
        _folders()


def test_what_is_neither_folder_nor_repository_is_refused(pair: tuple[str, str]) -> None:
    with pytest.raises(InputError, match=r"no folder '/not/there/at/all' for --model; expected"):
        loading.load(DiffusionSettings("/not/there/at/all", pair[1]), "cpu")


@pytest.mark.usefixtures("offline")
def test_what_was_downloaded_is_read_offline(pair: tuple[str, str], tmp_path: Path) -> None:
    for name, folder in (("me--model", pair[0]), ("me--net", pair[1])):
        kept = tmp_path / "cache" / f"models--{name}"
        (kept / "refs").mkdir(parents=True)
        (kept / "refs" / "main").write_text("a" * 40)
        (kept / "snapshots").mkdir()
        (kept / "snapshots" / ("a" * 40)).symlink_to(folder)
    settings = DiffusionSettings("me/model", "me/net")
    pipeline = loading.load(settings, "cpu")
    assert type(pipeline).__name__ == "StableDiffusionControlNetPipeline"
    assert pipeline.unet.dtype == pipeline.controlnet.dtype == torch.float32
    assert [one.parts[-3] for one in loading.local_folders(settings)] == [
        *("models--me--model", "models--me--net"),
    ]


@pytest.mark.parametrize(("free", "offloaded"), [(1 * GIB, True), (4 * GIB, False)])
def test_on_a_gpu_it_is_half_precise_and_waits_in_main_memory_where_room_is_short(
    free: int, offloaded: bool, pair: tuple[str, str], monkeypatch: pytest.MonkeyPatch
) -> None:
    """There is no GPU here: what would move the networks to it is recorded instead."""
    from diffusers import StableDiffusionControlNetPipeline as Pipeline

    moved: list[str] = []

    def to(pipeline: Any, device: str) -> Any:
        moved.append(device)
        return pipeline

    monkeypatch.setattr(torch.cuda, "mem_get_info", lambda: (free, 8 * GIB))
    monkeypatch.setattr(
        Pipeline, "enable_model_cpu_offload", lambda self, device: moved.append("offload")
    )
    monkeypatch.setattr(Pipeline, "to", to)
    pipeline = loading.load(DiffusionSettings(*pair), "cuda")
    assert moved == (["offload"] if offloaded else ["cuda"])
    assert pipeline.unet.dtype == pipeline.controlnet.dtype == torch.float16
