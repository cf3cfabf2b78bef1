"""TAC-GAN against numbers computed with the authors' code."""

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.references import assert_near, reference
from trecs.systems.parts.classes import class_loss
from trecs.systems.parts.matching_aware import believed_loss, doubted_loss
from trecs.systems.tacgan.losses import generator_loss, judge_loss
from trecs.systems.tacgan.network import Generator, Judge, TacGanConfig

pytestmark = pytest.mark.real_data
CONFIG = TacGanConfig(text=16, width=4, judge_width=4, noise=5, features=6, side=32)
CLASSES = 7
GENERATOR = {
    "told.0": "g_embedding",
    "lin": "g_h0_lin",
    **{f"net.{3 * n}": f"g_bn{n}" for n in range(4)},
    **{f"net.{3 * n - 1}": f"g_h{n}" for n in range(1, 5)},
}
JUDGE = {
    "net.0": "d_h0_conv",
    **{f"net.{3 * n - 1}": f"d_h{n}_conv" for n in range(1, 4)},
    **{f"net.{3 * n}": f"d_bn{n}" for n in range(1, 4)},
    "told.0": "d_embedding",
    "joint.0": "d_h3_conv_new",
    "joint.1": "d_bn4",
    "source": "d_h4_lin_rw",
    "classes": "d_h4_lin_ac",
}


def converted(
    stored: dict[str, Tensor], names: dict[str, str], flat: set[str]
) -> dict[str, Tensor]:
    """The authors' tensors as PyTorch has them; `flat`: layers before or after maps as rows."""
    state = {}
    for ours, theirs in names.items():
        prefix = f"param/{theirs}/"
        found = {key.removeprefix(prefix): value.float()
                 for key, value in stored.items() if key.startswith(prefix)}  # fmt: skip
        if "beta" in found:
            state[f"{ours}.weight"] = torch.ones_like(found["beta"])
            state[f"{ours}.bias"] = found["beta"]
            state[f"{ours}.running_mean"] = found["moving_mean"]
            state[f"{ours}.running_var"] = found["moving_variance"]
        elif "w" in found:  # (h, w, in, out), transposed ones (h, w, out, in)
            state[f"{ours}.weight"] = found["w"].permute(3, 2, 0, 1)
            state[f"{ours}.bias"] = found["biases"]
        else:
            weight, bias = found["Matrix"], found["bias"]
            if ours in flat:  # rows of (h, w, channels) to ones of (channels, h, w)
                size, channels = CONFIG.smallest, 32
                places = torch.arange(size * size * channels).view(size, size, channels)
                order = places.permute(2, 0, 1).flatten()
                if weight.shape[0] == len(order):
                    weight = weight[order]
                else:
                    weight, bias = weight[:, order], bias[order]
            state[f"{ours}.weight"], state[f"{ours}.bias"] = weight.T, bias
    return state


def test_generator_judge_and_losses() -> None:
    stored = reference("tacgan.npz")
    generator, judge = Generator(CONFIG), Judge(CONFIG, CLASSES)
    for network, names, flat in (
        (generator, GENERATOR, {"lin"}),
        (judge, JUDGE, {"source", "classes"}),
    ):
        missing, unexpected = network.load_state_dict(converted(stored, names, flat), strict=False)
        assert not unexpected
        assert all(name.endswith("num_batches_tracked") for name in missing)
        network.eval().requires_grad_(False)
    sentence = stored["caption"]
    pictures = generator(stored["noise"], sentence)
    assert_near(pictures / 2 + 0.5, stored["image_fake"], 2e-3)
    verdicts = []
    for what, seen in (
        ("real", _shown(stored["image_real"])),
        ("wrong", _shown(stored["image_wrong"])),
        ("fake", pictures),
    ):
        source, named = judge.judge(judge(seen), sentence)
        assert_near(source, stored[f"logit_{what}"][:, 0])
        assert_near(named, stored[f"class_logits_{what}"])
        verdicts.append((source, named))
    real, wrong, fake = verdicts
    classes, others = (stored[f"classes_{what}"].argmax(1) for what in ("real", "wrong"))
    assert_near(believed_loss(real[0]), stored["d_loss1"])
    assert_near(doubted_loss(wrong[0]), stored["d_loss2"])
    assert_near(doubted_loss(fake[0]), stored["d_loss3"])
    assert_near(class_loss(real[1], classes), stored["d_loss1_1"])
    assert_near(class_loss(wrong[1], others), stored["d_loss2_1"])
    assert_near(judge_loss(real, wrong, fake, classes, others), stored["d_loss"])
    assert_near(generator_loss(fake, classes), stored["g_loss"])


def _shown(pictures: Tensor) -> Tensor:
    """The authors' pictures (B, H, W, 3) in [0, 1] as ours."""
    return pictures.permute(0, 3, 1, 2).float() * 2 - 1
