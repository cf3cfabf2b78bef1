from pathlib import Path

import pytest
import torch

from files.errors import InputError
from files.weights import save_weights
from tests.trecs.systems.attngan.tiny import CONFIG, tiny_discriminators
from trecs.systems.attngan.discriminator import KIND, load_discriminators
from trecs.systems.parts.discriminator import Discriminator


@torch.no_grad()
def test_every_stage_has_its_judge() -> None:
    judges = tiny_discriminators()
    sentences = torch.randn(3, CONFIG.text)
    assert len(judges) == CONFIG.stages
    for stage, judge in enumerate(judges):
        assert isinstance(judge, Discriminator)
        code = judge(torch.randn(3, 3, 64 << stage, 64 << stage))
        assert code.shape == (3, 8 * CONFIG.judge_width, 4, 4)
        verdict = judge.judge(code, sentences)
        assert verdict.conditional.shape == verdict.unconditional.shape == (3,)
        swapped = judge.judge(code, sentences.roll(-1, 0))
        assert torch.equal(verdict.unconditional, swapped.unconditional)
        assert not torch.allclose(verdict.conditional, swapped.conditional, atol=1e-6)
        mismatched = judge.judge_mismatched(code, sentences)
        torch.testing.assert_close(mismatched, swapped.conditional[:2])


def test_folders_are_read(tmp_path: Path) -> None:
    judges = tiny_discriminators()
    save_weights(tmp_path, KIND, CONFIG, judges.state_dict())
    read = load_discriminators(tmp_path).state_dict()
    assert all(torch.equal(read[name], value) for name, value in judges.state_dict().items())
    with pytest.raises(InputError, match=r"config\.json is missing"):
        load_discriminators(tmp_path / "nowhere")
