"""Pipelines of tiny random networks, of the library's own classes, saved as it saves them."""

import json
from pathlib import Path
from typing import Any

import pytest
import torch
from safetensors.torch import load_file, save_file

WIDTH = 32  # of the text encoder
SIDE = 64  # pixels of the pictures that the network "learnt"


def save_model(
    folder: Path, width: int = WIDTH, kind: str = "StableDiffusionPipeline", **more: Any
) -> None:
    """Writes a Stable Diffusion of about 60,000 numbers; `more`: of its U-Net."""
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(0)
    pipeline = getattr(diffusers, kind)(
        vae=_autoencoder(diffusers),
        text_encoder=_text_encoder(width),
        tokenizer=_tokenizer(folder.parent / f"{folder.name}-words"),
        unet=_unet(diffusers, width, **more),
        scheduler=diffusers.DDIMScheduler(
            beta_schedule="scaled_linear",
            clip_sample=False,
            set_alpha_to_one=False,
            steps_offset=1,
        ),
        safety_checker=None,
        feature_extractor=None,
        requires_safety_checker=False,
    )
    pipeline.save_pretrained(folder)


def save_controlnet(folder: Path, width: int = WIDTH, **more: Any) -> None:
    """Writes a ControlNet for it, whose last layers are not zero as those of an untrained one."""
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(1)
    network = diffusers.ControlNetModel(
        **{key: one for key, one in _blocks(width).items() if key != "sample_size"},
        conditioning_embedding_out_channels=(8, 8, 8, 16),
        **more,
    )
    for name, weights in network.named_parameters():
        if "controlnet" in name or "conv_out" in name:
            torch.nn.init.normal_(weights, 0.0, 0.1)
    network.save_pretrained(folder)


def save_pair(folder: Path) -> tuple[str, str]:
    """Writes both, and says where."""
    save_model(folder / "model")
    save_controlnet(folder / "controlnet")
    return str(folder / "model"), str(folder / "controlnet")


def save_gligen(folder: Path) -> str:
    """Writes a tiny model of GLIGEN, whose gates are open, and says where."""
    save_model(folder, kind="StableDiffusionGLIGENPipeline", attention_type="gated")
    weights = folder / "unet" / "diffusion_pytorch_model.safetensors"
    tensors = load_file(weights)
    for name in tensors:
        if name.endswith(("alpha_attn", "alpha_dense")):
            tensors[name] = torch.ones_like(tensors[name])  # a new one's are 0
    save_file(tensors, weights, {"format": "pt"})
    return str(folder)


def save_xl_pair(folder: Path) -> tuple[str, str]:
    """Writes a tiny SDXL and its ControlNet, and says where."""
    diffusers = pytest.importorskip("diffusers")
    torch.manual_seed(0)
    added = {
        "addition_embed_type": "text_time",
        "addition_time_embed_dim": 8,
        "projection_class_embeddings_input_dim": 6 * 8 + WIDTH,
        "use_linear_projection": True,
    }
    words = _tokenizer(folder / "words")
    pipeline = diffusers.StableDiffusionXLPipeline(
        vae=_autoencoder(diffusers),
        text_encoder=_text_encoder(WIDTH),
        text_encoder_2=_text_encoder(WIDTH, projected=True),
        tokenizer=words,
        tokenizer_2=words,
        unet=_unet(diffusers, 2 * WIDTH, **added),
        scheduler=diffusers.EulerDiscreteScheduler(beta_schedule="scaled_linear"),
    )
    pipeline.save_pretrained(folder / "xl")
    save_controlnet(folder / "xl-net", 2 * WIDTH, **added)
    return str(folder / "xl"), str(folder / "xl-net")


def _unet(diffusers: Any, width: int, **more: Any) -> Any:
    return diffusers.UNet2DConditionModel(
        **_blocks(width), out_channels=4, up_block_types=("CrossAttnUpBlock2D", "UpBlock2D"), **more
    )


def _blocks(width: int) -> dict[str, Any]:
    return {
        "sample_size": SIDE // 8,
        "in_channels": 4,
        "block_out_channels": (8, 16),
        "layers_per_block": 1,
        "down_block_types": ("CrossAttnDownBlock2D", "DownBlock2D"),
        "cross_attention_dim": width,
        "norm_num_groups": 4,
        "attention_head_dim": 4,
    }


def _autoencoder(diffusers: Any) -> Any:
    return diffusers.AutoencoderKL(
        block_out_channels=(8, 8, 8, 16),
        down_block_types=("DownEncoderBlock2D",) * 4,
        up_block_types=("UpDecoderBlock2D",) * 4,
        latent_channels=4,
        norm_num_groups=4,
        sample_size=SIDE,
    )


def _text_encoder(width: int, *, projected: bool = False) -> Any:
    from transformers import CLIPTextConfig, CLIPTextModel, CLIPTextModelWithProjection

    config = CLIPTextConfig(
        vocab_size=600,
        hidden_size=width,
        intermediate_size=37,
        num_attention_heads=4,
        num_hidden_layers=2,
        max_position_embeddings=77,
        bos_token_id=0,
        eos_token_id=1,
        pad_token_id=1,
        projection_dim=width,
    )
    return (CLIPTextModelWithProjection if projected else CLIPTextModel)(config).eval()


def _tokenizer(folder: Path) -> Any:
    """One that spells: CLIP's own, whose vocabulary is the 256 bytes, alone and ending a word."""
    from transformers import CLIPTokenizer
    from transformers.convert_slow_tokenizer import bytes_to_unicode

    letters = list(bytes_to_unicode().values())
    tokens = ["<|startoftext|>", "<|endoftext|>", *letters, *(f"{one}</w>" for one in letters)]
    folder.mkdir(parents=True, exist_ok=True)
    (folder / "vocab.json").write_text(json.dumps({token: i for i, token in enumerate(tokens)}))
    (folder / "merges.txt").write_text("#version: 0.2\n")
    return CLIPTokenizer(
        str(folder / "vocab.json"), str(folder / "merges.txt"), model_max_length=77
    )
