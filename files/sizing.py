"""Networks that are made no larger than the weights that are to fill them."""

import threading
from collections.abc import Iterator
from contextlib import contextmanager

from torch import nn
from torch.nn.modules.module import register_module_parameter_registration_hook


@contextmanager
def at_most(numbers: int) -> Iterator[None]:
    """Ends the making of modules when their parameters have more numbers than that in all.

    Raises ValueError then, before a layer fills its parameters: what is not filled takes no
    memory yet, so that neither wide nor endless layers take more than the weights do.
    """
    here, total = threading.get_ident(), 0
    counted: dict[int, nn.Parameter] = {}

    def count(_: nn.Module, __: str, parameter: nn.Parameter | None) -> None:
        nonlocal total
        if parameter is None or threading.get_ident() != here or id(parameter) in counted:
            return
        counted[id(parameter)] = parameter  # kept, so that no other one gets its id
        total += parameter.numel()
        if total > numbers:
            raise ValueError(f"more than {total:,} numbers are configured, {numbers:,} stored")

    handle = register_module_parameter_registration_hook(count)
    try:
        yield
    finally:
        handle.remove()
