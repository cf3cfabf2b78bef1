import torch

from trecs.learning.trunk_judge import TrunkJudge


@torch.no_grad()
def test_maps_of_any_size_are_judged() -> None:
    torch.manual_seed(0)
    judge, sentence = TrunkJudge(12, 2, 8), torch.randn(3, 8)
    for side in (4, 8, 17):
        code = judge(torch.randn(3, 12, side, side))
        assert code.shape == (3, 16, 4, 4)
        verdict = judge.judge(code, sentence)
        assert verdict.conditional.shape == verdict.unconditional.shape == (3,)
        assert judge.judge_mismatched(code, sentence).shape == (2,)


def test_the_mixing_of_channels_is_fixed() -> None:
    judge = TrunkJudge(12, 2, 8)
    assert "mixing" in judge.state_dict()
    assert "mixing" not in dict(judge.named_parameters())
    assert any(name.startswith("code.") for name, _ in judge.named_parameters())
