"""DRAW and alignDRAW against numbers computed with known code and the papers' equations."""

import pytest
import torch
from torch import Tensor

from tests.trecs.systems.references import assert_near, reference
from trecs.systems.aligndraw.attention import Filters, Window
from trecs.systems.aligndraw.language import CaptionEncoder
from trecs.systems.aligndraw.losses import latent_loss, reconstruction_loss
from trecs.systems.aligndraw.network import AlignDrawConfig, Decoder, Encoder, redraw

pytestmark = pytest.mark.real_data
NO_WORDS = torch.zeros(0)
AUTHORS_ORDER = [0, 1, 3, 2, 4]
"""alignDRAW's code has log delta before log sigma^2."""


def test_the_filter_bank_of_draw() -> None:
    stored = reference("draw.npz")
    x, y, variance, stride, strength = stored["glimpse_window"].unbind(1)
    window = Window(x, y, variance, stride, strength)
    window = Window.of(stored["glimpse_window"], 10, 12, 4)
    filters = Filters.of(window, 10, 12, 4)
    assert_near(filters.x, stored["filter_x"])
    assert_near(filters.y, stored["filter_y"])
    assert_near(filters.strength, stored["gamma"][:, 0])


def draw(stored: dict[str, Tensor]) -> tuple[Encoder, Decoder]:
    """Its windows of reading and writing have the same weights."""
    config = AlignDrawConfig(text=0, channels=1, glimpse=4, code=5, encoder=16, decoder=16)
    encoder, decoder = Encoder(config), Decoder(config, 10, 12)
    names = {"lstm": "decoder", "window": "dec_linear", "patch": "dec_w_linear"}
    fill(decoder, stored, names)
    names = {"lstm": "encoder", "window": "dec_linear", "mean": "mu_linear"}
    fill(encoder, stored, {**names, "log_sigma": "sigma_linear"})
    return encoder, decoder


def fill(network: torch.nn.Module, stored: dict[str, Tensor], names: dict[str, str]) -> None:
    for ours, theirs in names.items():
        prefix = f"param/{theirs}."
        state = {k.removeprefix(prefix): v for k, v in stored.items() if k.startswith(prefix)}
        getattr(network, ours).load_state_dict(state)
    network.requires_grad_(False)


def test_a_whole_run_of_draw() -> None:
    stored = reference("draw.npz")
    encoder, decoder = draw(stored)
    pictures = stored["image"].view(-1, 1, 10, 12)
    kl, before = torch.zeros(()), torch.zeros_like(pictures)
    for step, seen in enumerate(redraw(encoder, decoder, pictures, stored["eps"], None, NO_WORDS)):
        canvas = seen.stroke.state.canvas
        assert_near(seen.read, stored["read"][step])
        assert_near(seen.posterior[0], stored["mu"][step])
        assert_near(seen.posterior[1], stored["logsigma"][step])
        assert_near((canvas - before).flatten(1), stored["write"][step])
        assert_near(canvas.flatten(1), stored["canvas"][step])
        kl, before = kl + latent_loss(seen.posterior, seen.prior), canvas
    assert_near(kl, stored["loss_z"])
    assert_near(reconstruction_loss(before, pictures), stored["loss_x"])
    strokes = decoder.draw(stored["eps"], None, NO_WORDS)
    for step, stroke in enumerate(strokes):
        assert_near(stroke.state.canvas.sigmoid().flatten(1), stored["generated"][step])


def aligndraw(stored: dict[str, Tensor]) -> tuple[CaptionEncoder, Encoder, Decoder]:
    p = {name.removeprefix("param/"): v.float() for name, v in stored.items() if "param" in name}
    config = AlignDrawConfig(12, 12, 12, 7, side=10, channels=1, steps=5, glimpse=4, code=4,
                             encoder=9, decoder=8, align=5, authors_grid=True)  # fmt: skip
    reader, encoder, decoder = CaptionEncoder(12, 12, 12), Encoder(config), Decoder(config)
    size = 4 * 6
    reader.load_state_dict({
        "encoder.weight": torch.eye(12),
        "hidden": p["h0_lang"],
        **{f"rnn.weight_ih_l0{end}": p[f"W_y{rev}_hLangEnc{rev}"].T for end, rev in DIRECTIONS},
        **{f"rnn.weight_hh_l0{end}": p[f"W_hLangEnc{rev}_hLangEnc{rev}"].T
           for end, rev in DIRECTIONS},
        **{f"rnn.bias_ih_l0{end}": p[f"b_hLangEnc{rev}"] for end, rev in DIRECTIONS},
        **{f"rnn.bias_hh_l0{end}": torch.zeros(size) for end, rev in DIRECTIONS},
    })  # fmt: skip
    encoder.load_state_dict({
        "hidden": p["h0_enc"],
        "window.weight": p["W_hdec_read_attent"].T[AUTHORS_ORDER],
        "window.bias": p["b_read_attent"][AUTHORS_ORDER],
        "lstm.weight_ih": p["W_inp_henc"].T,
        "lstm.weight_hh": p["W_henc_henc"].T,
        "lstm.bias_ih": p["b_henc"],
        "lstm.bias_hh": torch.zeros(36),
        "mean.weight": p["W_henc_mu"].T,
        "mean.bias": p["b_mu"],
        "log_sigma.weight": p["W_henc_logsigma"].T / 2,  # the code has half of it
        "log_sigma.bias": p["b_logsigma"] / 2,
    })  # fmt: skip
    decoder.load_state_dict({
        "canvas": p["c0"].view(1, 1, 10, 10),
        "hidden": p["h0_dec"],
        "lstm.weight_ih": torch.cat([p["W_z_hdec"], p["W_s_hdec"]]).T,
        "lstm.weight_hh": p["W_hdec_hdec"].T,
        "lstm.bias_ih": p["b_hdec"],
        "lstm.bias_hh": torch.zeros(32),
        "window.weight": p["W_hdec_write_attent"].T[AUTHORS_ORDER],
        "window.bias": p["b_write_attent"][AUTHORS_ORDER],
        "patch.weight": p["W_hdec_c"].T,
        "patch.bias": p["b_c"],
        "prior.weight": p["W_hdec_mu_and_logsigma_prior"].T,
        "prior.bias": p["b_mu_and_logsigma_prior"],
        "word_align.weight": p["W_lang_align"].T,
        "state_align.weight": p["W_hdec_align"].T,
        "state_align.bias": p["b_align"],
        "align.weight": p["v_align"][None],
    })  # fmt: skip
    for network in (reader, encoder, decoder):
        network.requires_grad_(False)
    return reader, encoder, decoder


DIRECTIONS = (("", ""), ("_reverse", "Rev"))


def test_a_whole_run_of_aligndraw() -> None:
    stored = reference("aligndraw.npz")
    reader, encoder, decoder = aligndraw(stored)
    pictures = stored["image"].view(-1, 1, 10, 10)
    words, _ = reader(stored["captions"].long(), torch.tensor([7, 7]))
    padding = torch.zeros(2, 7, dtype=torch.bool)
    kl = torch.zeros(())
    for step, seen in enumerate(redraw(encoder, decoder, pictures, stored["eps"], words, padding)):
        assert_near(seen.window[:, AUTHORS_ORDER], stored["read_window"][step])
        assert_near(seen.stroke.window[:, AUTHORS_ORDER], stored["write_window"][step])
        canvas = seen.stroke.state.canvas
        assert_near(canvas.flatten(1), stored["canvas"][step])
        kl = kl + latent_loss(seen.posterior, seen.prior)
    assert_near(kl, stored["kl"])
    assert_near(reconstruction_loss(canvas, pictures), stored["reconstruction"])
    for step, stroke in enumerate(decoder.draw(stored["eps"], words, padding)):
        assert_near(stroke.state.canvas.flatten(1), stored["sample_canvas"][step])
        assert_near(stroke.window[:, AUTHORS_ORDER], stored["sample_write_window"][step])
        assert stroke.alignment is not None
        assert_near(stroke.alignment, stored["sample_alignment"][step])
        mean, log_sigma = stroke.state.prior
        assert_near(mean, stored["prior_mean"][step])
        assert_near(log_sigma, stored["prior_logsigma"][step])
