"""What a state dict is of, by the names of its tensors: for complaints that say what was given."""

import re
from collections.abc import Collection

KINDS: tuple[tuple[str, tuple[str, ...]], ...] = (
    ("the generator of AttnGAN", (r"^ca_net\.fc\.weight$",)),
    ("a discriminator of AttnGAN", (r"^img_code_s\d+\.|COND_DNET",)),
    ("the image encoder of AttnGAN's DAMSM", (r"^emb_features\.weight$",)),
    ("the text encoder of AttnGAN's DAMSM", (r"^encoder\.weight$", r"^rnn\.weight_ih_l0$")),
    ("a discriminator of SPADE or pix2pixHD", (r"^discriminator_\d+\.model\d",)),
    ("SPADE's encoder of a VAE (netE)", (r"^fc_mu\.weight$", r"^fc_var\.weight$")),
    ("a generator of SPADE", (r"^G_middle_0\.",)),
    ("a Stable Diffusion checkpoint", (r"^model\.diffusion_model\.|^diffusion_model\.",)),
    ("a diffusers ControlNet", (r"controlnet_cond_embedding",)),
    ("a diffusers UNet", (r"^time_embedding\.linear_1", r"^down_blocks\.0\.")),
    ("a UNet of latent diffusion", (r"^time_embed\.0\.", r"^input_blocks\.0\.")),
    ("a diffusion transformer", (r"blocks\.0\.", r"time_text_embed|adaln_single|t_embedder")),
    ("an autoencoder", (r"^encoder\.down", r"^decoder\.up")),
    ("a LoRA", (r"lora_(A|B|up|down)\b",)),
    ("a CLIP", (r"text_model\.encoder\.layers|^visual\.(conv1|transformer)",)),
    ("a StyleGAN", (r"synthesis\.(b\d+|.*torgb)", r"mapping\.fc0")),
    ("a BERT", (r"embeddings\.word_embeddings\.weight", r"attention\.self\.query")),
    ("a language model", (r"layers\.0\.self_attn\.q_proj|(^|\.)h\.0\.attn\.",)),
    ("a VGG", (r"^features\.0\.weight$", r"^classifier\.")),
    ("an Inception network", (r"Mixed_5b\.",)),
    ("a ResNet", (r"(^|\.)layer1\.0\.conv1\.weight",)),
    ("a vision transformer", (r"^cls_token$|patch_embed", r"blocks\.0\.")),
    ("a discriminator", (r"(?i)(^|\.)(discriminator\w*|netD\w*|D)\.",)),
)
"""Descriptions, each with patterns that must all be found among the names; the first one tells."""


def identified(names: Collection[str]) -> str | None:
    """For example "a diffusers UNet"; None for tensors that nobody here knows."""
    for what, patterns in KINDS:
        if all(any(re.search(pattern, name) for name in names) for pattern in patterns):
            return what
    return None
