"""Several processes, one training: how they start, share a batch, exchange (torch.distributed)."""

import atexit
import os
from collections.abc import Sequence
from typing import Any, TypeVar

import torch
from lightning.fabric import Fabric
from lightning.fabric.strategies.ddp import DDPStrategy
from lightning.fabric.utilities.exceptions import MisconfigurationException
from torch import Tensor, nn

from files.errors import InputError

Module = TypeVar("Module", bound=nn.Module)


class Processes(DDPStrategy):
    """Fabric's start and end of several processes, without DistributedDataParallel."""

    def setup_module(self, module: Module) -> Module:  # type: ignore[override]
        """Leaves the module as it is: `average_gradients` keeps the processes together."""
        return module


def launch(precision: Any) -> tuple[Fabric, Any]:
    """Fabric on this process's device, and a group in which CPU tensors are exchanged.

    `torchrun` says through the environment how many processes there are; without it there is one,
    and no group. Raises InputError where the machine has fewer devices than processes.
    """
    torch.backends.cudnn.benchmark = True  # batches are of one size
    world = int(os.environ.get("WORLD_SIZE", "1"))
    if world == 1:
        fabric = Fabric(accelerator="auto", devices=1, precision=precision)
        fabric.launch()
        return fabric, None
    local = int(os.environ.get("LOCAL_WORLD_SIZE", "1"))
    try:
        fabric = Fabric(
            accelerator="auto",
            strategy=Processes(),
            devices=local,
            num_nodes=world // local,
            precision=precision,
        )
    except MisconfigurationException as error:
        why = " ".join(str(error).split())
        raise InputError(
            f"{local} processes cannot be started on this machine ({why}); "
            "give --nproc-per-node the number of its GPUs, or hide them (CUDA_VISIBLE_DEVICES='') "
            "to train on the CPU."
        ) from error
    fabric.launch()
    atexit.register(_leave)
    # Decisions are exchanged by gloo, so that no GPU is waited for.
    return fabric, torch.distributed.new_group(backend="gloo")


def _leave() -> None:
    """Ends the groups' threads; a process that exits while they run may be aborted."""
    if torch.distributed.is_initialized():
        torch.distributed.destroy_process_group()


def synchronized(module: nn.Module) -> nn.Module:
    """The module with batch norms that compute their statistics over all processes (CUDA)."""
    converted: nn.Module = nn.SyncBatchNorm.convert_sync_batchnorm(module)
    return converted


def share_of(batch: int, rank: int, world: int, least: int) -> slice:
    """The part of process `rank` of `world` of a global batch of so many.

    Raises InputError if that is uneven or has fewer than `least`.
    """
    part, rest = divmod(batch, world)
    if rest or not part:
        raise InputError(
            f"A batch of {batch} cannot be shared evenly by {world} processes; give a "
            f"multiple of {world}, or another number of processes."
        )
    if part < least:
        raise InputError(
            f"A batch of {batch} gives each of {world} processes {part}, but a step takes "
            f"{least}, for pairs that do not belong together; give a larger --batch."
        )
    return slice(rank * part, (rank + 1) * part)


def average_gradients(parameters: Sequence[nn.Parameter], world: int) -> None:
    """Replaces each gradient by its mean over the processes, in place, in one all-reduce.

    A parameter that no process used keeps no gradient; one that only some used gets the mean with
    zeros for the others.
    """
    used = torch.tensor(
        [float(p.grad is not None) for p in parameters], device=parameters[0].device
    )
    parts = [
        (torch.zeros_like(p) if p.grad is None else p.grad).flatten().float() for p in parameters
    ]
    flat = torch.cat([*parts, used])  # (all numbers + one for each parameter,)
    torch.distributed.all_reduce(flat)
    *means, users = (flat / world).split([*(p.numel() for p in parameters), len(parameters)])
    for parameter, mean, share in zip(parameters, means, users, strict=True):
        if parameter.grad is not None:
            parameter.grad.copy_(mean.view_as(parameter))
        elif share.item() > 0:
            parameter.grad = mean.view_as(parameter).to(parameter.dtype)


class Gather(torch.autograd.Function):
    """All processes' rows of a tensor, in their order; its gradient is summed over them."""

    @staticmethod
    def forward(ctx: Any, rows: Tensor) -> Tensor:
        """Joins (B / world, ...) of each process to (B, ...)."""
        rows = rows.contiguous()
        parts = [torch.empty_like(rows) for _ in range(torch.distributed.get_world_size())]
        torch.distributed.all_gather(parts, rows)
        return torch.cat(parts)

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> Tensor:
        """This process's rows of the summed gradient."""
        summed = gradients[0].contiguous().clone()
        torch.distributed.all_reduce(summed)
        return summed.chunk(torch.distributed.get_world_size())[torch.distributed.get_rank()]
