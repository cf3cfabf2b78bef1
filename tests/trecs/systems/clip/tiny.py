"""A tiny CLIP with random weights, and a tiny painter."""

from pathlib import Path

import torch

from tests.trecs.systems.attngan.tiny import VOCABULARY
from trecs.synthesis.painter.thumbnails import ThumbnailStage, ThumbnailStageConfig
from trecs.systems.clip.guidance import Guidance
from trecs.systems.clip.system import ClipSystem
from trecs.systems.parts.clip_network import Clip, ClipConfig
from trecs.systems.parts.clip_tokens import WordTokens
from trecs.systems.parts.contrastive import Contrastive

TOKENS = WordTokens(VOCABULARY)
GUIDANCE = Guidance(steps=4, cuts=3)


def tiny_clip(tokens: WordTokens = TOKENS) -> Contrastive:
    """Only the encoders."""
    torch.manual_seed(0)
    return Contrastive(Clip(ClipConfig.tiny(tokens.vocabulary)), tokens)


def tiny_system(guidance: Guidance = GUIDANCE) -> ClipSystem:
    """Both."""
    clip = tiny_clip()
    return ClipSystem(clip, ThumbnailStage(ThumbnailStageConfig.tiny()), guidance)


def install(folder: Path) -> None:
    """Writes the folder that the system loads beside the painter's."""
    tiny_clip().save(folder)
