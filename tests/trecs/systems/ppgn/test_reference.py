"""PPGN's sampler against a chain computed with the authors' code on small networks."""

from collections.abc import Callable

import pytest
import torch
from torch import Tensor, nn

from tests.trecs.systems.references import assert_near, filled, reference
from trecs.systems.ppgn.sampler import Epsilons, Seen, chain, looked

pytestmark = pytest.mark.real_data
BOUNDS = (0.0, 30.0)
MIDDLE = slice(2, 14)  # the 12 of 16 pixels that encoder and classifier see


def authors_log_probability(logits: Tensor, unit: int) -> Tensor:
    """A number (B,) whose gradient the authors' code takes for that of a class's log p.

    It sends 1 - p_k back from unit k and nothing from the other units of logits (B, C), whose
    -p_j it leaves out.
    """
    rest = 1 - logits.softmax(1)[:, unit].detach()
    return rest * logits[:, unit]


def looking(stored: dict[str, Tensor]) -> Callable[[Tensor], Seen]:
    """What the reference's networks see, which stand for AlexNet and the authors' generator."""
    generator = nn.Sequential(
        nn.Linear(8, 32), nn.LeakyReLU(0.3), nn.Unflatten(1, (2, 4, 4)),
        nn.ConvTranspose2d(2, 4, 4, 2, 1), nn.LeakyReLU(0.3), nn.ConvTranspose2d(4, 3, 4, 2, 1),
    )  # fmt: skip
    encoder = nn.Sequential(
        nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(100, 8), nn.ReLU()
    )
    classifier = nn.Sequential(nn.Conv2d(3, 4, 3, 2), nn.ReLU(), nn.Flatten(), nn.Linear(100, 5))
    for name, network in zip(
        ("generator", "encoder", "classifier"), (generator, encoder, classifier), strict=True
    ):
        filled(network, stored, f"{name}/param/").double()

    def look(code: Tensor) -> Seen:
        picture = generator(code)[..., MIDDLE, MIDDLE]
        logits = classifier(picture)
        return Seen(picture, encoder(picture), authors_log_probability(logits, int(stored["unit"])))

    return look


def test_the_authors_gradient_leaves_out_the_other_units() -> None:
    logits = torch.tensor([[0.0, 0.0]], requires_grad=True)
    authors_log_probability(logits, 1).sum().backward()
    assert logits.grad is not None
    assert logits.grad.tolist() == [[0, 0.5]]  # that of log p is [-0.5, 0.5]


def test_what_the_terms_say_at_each_code() -> None:
    stored = reference("ppgn.npz")
    look = looking(stored)
    for number, code in enumerate(stored["h"].double()):
        moment = looked(look, code)
        assert_near(moment.prior, stored["d_prior"][number])
        assert_near(moment.condition, stored["d_condition"][number])
    assert_near(moment.picture, stored["last_image"])


def test_a_whole_chain() -> None:
    stored = reference("ppgn.npz")
    noise = iter(stored["noise"].double())
    first, last = stored["lr"].tolist()
    moments = chain(
        looking(stored),
        stored["start_code"].double(),
        noise=lambda: next(noise),
        epsilons=Epsilons(*stored["epsilon"].tolist()),
        steps=(first, last),
        updates=int(stored["n_iters"]),
        bounds=BOUNDS,
    )
    codes = torch.stack([moment.code for moment in moments])
    assert_near(codes, stored["h"])
