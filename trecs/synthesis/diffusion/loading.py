"""Finds and loads a pipeline of `diffusers`, with its ControlNet or of GLIGEN.

The classes are those that the model's own files name, so that any pair works that belongs together:
Stable Diffusion 1.5, SDXL, or another whose pipeline takes a ControlNet. A model of GLIGEN is told
boxes, and takes none.
"""

import importlib.util
import json
import os
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from files.errors import InputError
from trecs.hub import REPOSITORY
from trecs.installed import DIFFUSERS, imported_folder
from trecs.synthesis.diffusion.settings import DiffusionSettings

MODEL = "stable-diffusion-v1-5/stable-diffusion-v1-5"
CONTROLNET = "lllyasviel/control_v11p_sd15_seg"
GLIGEN = "StableDiffusionGLIGENPipeline"
LACKING = (
    "Painting with diffusers needs that library (Python 3.11 or later): `pip install .[diffusion]`."
)
ROOM = 1.5  # times the weights' bytes that a GPU must have free, or parts wait in main memory
BAR = {"disable": None, "leave": False}  # of steps, only where somebody sits at a terminal
BATCH = 2**31  # bytes beside the weights, for what is computed


def chosen(settings: DiffusionSettings) -> tuple[str, str]:
    """The model and the ControlNet that settings mean: names of folders or repositories.

    What they leave open is `diffusers/model` or `diffusers/controlnet` among the imported weights
    where that is there, else the default repository. Raises InputError for a model of another kind
    without a ControlNet, since the default one is Stable Diffusion 1.5's.
    """
    own = imported_folder() / DIFFUSERS
    model = settings.model or (str(own / "model") if (own / "model").is_dir() else MODEL)
    if settings.controlnet:
        return model, settings.controlnet
    if (own / "controlnet").is_dir():
        return model, str(own / "controlnet")
    return model, CONTROLNET


def local_folders(settings: DiffusionSettings) -> tuple[Path, ...]:
    """Where the model and its ControlNet lie on this machine, also if they were downloaded.

    Raises InputError where the library or one of them is not here; downloads nothing.
    """
    _check_library()
    model, controlnet = chosen(settings)
    folder = _local(model, "model")
    with suppress(OSError, ValueError, AttributeError):  # `load` says what is wrong with it
        if json.loads((folder / "model_index.json").read_bytes()).get("_class_name") == GLIGEN:
            return (folder,)
    return folder, _local(controlnet, "controlnet")


def load(settings: DiffusionSettings, device: str) -> Any:
    """The pipeline on a device, with its ControlNet or of GLIGEN; in half precision on a GPU.

    Where the GPU's free memory does not suffice, parts wait in main memory until they are needed.
    Raises InputError, in one line, where the library is missing, or a part is missing, unusable,
    or of another kind than the other.
    """
    _check_library()
    _quiet()
    import diffusers
    import torch

    dtype = torch.float16 if device.startswith("cuda") else torch.float32
    model, controlnet = chosen(settings)
    record = _read(model, "model", lambda name: dict(diffusers.DiffusionPipeline.load_config(name)))
    if record.get("_class_name") == GLIGEN:
        pipeline = _of_gligen(model, settings, dtype)
    else:
        pipeline = _with_controlnet(model, controlnet, dtype)
    pipeline.set_progress_bar_config(**BAR)
    if device.startswith("cuda") and not _fits(pipeline):
        pipeline.enable_model_cpu_offload(device=device)
        return pipeline
    return pipeline.to(device)


def _of_gligen(model: str, settings: DiffusionSettings, dtype: Any) -> Any:
    """A pipeline that is told boxes in place of a ControlNet's picture."""
    import diffusers

    if settings.controlnet or settings.strength is not None:
        raise InputError(
            f"'{model}' is a model of GLIGEN, which takes boxes and begins with noise; leave out "
            "--controlnet and --strength."
        )
    kind = diffusers.DiffusionPipeline
    return _read(model, "model", lambda name: kind.from_pretrained(name, dtype=dtype))


def _with_controlnet(model: str, controlnet: str, dtype: Any) -> Any:
    """A pipeline and its ControlNet."""
    import diffusers

    made = _read(controlnet, "controlnet", lambda name: diffusers.ControlNetModel.load_config(name))
    kind = getattr(diffusers, str(made.get("_class_name")), None)
    if kind is None or "ControlNet" not in kind.__name__:
        raise InputError(f"'{controlnet}' is no ControlNet of diffusers; give one to --controlnet.")
    network = _read(controlnet, "controlnet", lambda name: kind.from_pretrained(name, dtype=dtype))
    auto = diffusers.AutoPipelineForText2Image
    pipeline = _read(
        model,
        "model",
        lambda name: auto.from_pretrained(name, controlnet=network, dtype=dtype),
    )
    _check_pair(pipeline, network, model, controlnet)
    return pipeline


def _quiet() -> None:
    """Keeps the libraries from telling of what they lack, and bars from files and pipes."""
    from transformers.utils import logging

    logging.set_verbosity_error()
    from diffusers.utils import logging as of_diffusers

    of_diffusers.set_verbosity_error()  # it warns of GLIGEN's class, which is developed no further
    if not sys.stderr.isatty():
        logging.disable_progress_bar()
        of_diffusers.disable_progress_bar()


def _check_library() -> None:
    if importlib.util.find_spec("diffusers") is None:
        raise InputError(LACKING)


def _read(name: str, option: str, read: Any) -> Any:
    """Reads from a folder or a repository; whatever is wrong with it is told in one line.

    What was downloaded is read without asking the Hub, and asked for where it is not whole.
    """
    from huggingface_hub.errors import HfHubHTTPError

    wrong = (OSError, HfHubHTTPError, ValueError, KeyError, TypeError, RuntimeError)
    folder = Path(name).expanduser()
    if not folder.is_dir() and not REPOSITORY.fullmatch(name):
        raise InputError(
            f"There is no folder '{name}' for --{option}; expected one in the form of diffusers, "
            "or the name of a repository on the Hugging Face Hub (user/repo)."
        )
    if not folder.is_dir():
        with suppress(InputError, *wrong):
            return read(str(_local(name, option)))
    try:
        return read(str(folder) if folder.is_dir() else name)
    except wrong as error:
        why = " ".join(str(error).split())[:160]
        if folder.is_dir():
            raise InputError(
                f"'{name}' cannot be used for --{option}; expected a folder that diffusers saved "
                f"({why})."
            ) from error
        raise InputError(
            f"'{name}' is no folder, nor could it be had from the Hugging Face Hub: offline, no "
            f"such repository, or no access. Where there is a network, `hf download {name} "
            f"--local-dir DIR`; then give --{option} DIR."
        ) from error


def _local(name: str, option: str) -> Path:
    """A folder itself, or where the Hub's cache has a repository; raises InputError without."""
    from huggingface_hub import snapshot_download
    from huggingface_hub.errors import HFValidationError, LocalEntryNotFoundError

    folder = Path(name).expanduser()
    if folder.is_dir():
        return folder
    try:
        return Path(snapshot_download(name, local_files_only=True))
    except (LocalEntryNotFoundError, HFValidationError, OSError) as error:
        raise InputError(
            f"'{name}' is neither a folder nor was it downloaded; `hf download {name}` fetches it, "
            f"or give a folder with --{option}."
        ) from error


def _check_pair(pipeline: Any, network: Any, model: str, controlnet: str) -> None:
    """Raises InputError where the ControlNet was made for another kind of model."""
    if "ControlNet" not in type(pipeline).__name__:
        raise InputError(f"'{model}' is a {type(pipeline).__name__}, which takes no ControlNet.")
    painter = getattr(pipeline, "unet", None)
    wanted = getattr(painter and painter.config, "cross_attention_dim", None)
    given = getattr(network.config, "cross_attention_dim", None)
    if wanted != given and None not in (wanted, given):
        raise InputError(
            f"The ControlNet '{controlnet}' reads texts of {given} numbers a word, and '{model}' "
            f"writes {wanted}: it was made for another model; give its own with --controlnet."
        )


def _fits(pipeline: Any) -> bool:
    """Whether the GPU has room for all of a pipeline; one that a Space lends always has."""
    import torch

    if "SPACES_ZERO_GPU" in os.environ:
        return True
    networks = [part for part in pipeline.components.values() if isinstance(part, torch.nn.Module)]
    size = sum(
        weights.numel() * weights.element_size() for one in networks for weights in one.parameters()
    )
    free, _ = torch.cuda.mem_get_info()
    return bool(free > ROOM * size + BATCH)
