"""What every training loop shares: its folder, its processes, its resumable state and its clock.

A training is started as it is on one device, and with `torchrun` on several, here or, once on each,
on other machines:

    trecs train tagger --out runs/tagger
    torchrun --nproc-per-node 4 -m trecs train tagger --out runs/tagger
    torchrun --nnodes 2 --nproc-per-node 8 --rdzv-backend c10d --rdzv-endpoint HOST:29500 \\
        -m trecs train tagger --out runs/tagger
"""

import io
import os
import sys
from collections.abc import Iterator, Mapping
from pathlib import Path
from typing import Any

import torch
from lightning.fabric import seed_everything
from torch import Tensor

from files import disk
from files.errors import InputError
from files.whole import write_atomically
from trecs.learning.batches import Batch, Batches, in_turn
from trecs.learning.clock import Clock
from trecs.learning.folder import take_together
from trecs.learning.processes import Gather, average_gradients, launch, share_of, synchronized

WORKERS = 8  # processes that draw batches for a GPU, where there are cores for them


class Run:
    """One training run in a folder, on one process or on those that `torchrun` started.

    `state.pt` holds everything needed to go on (written whole or not at all), `log/` the
    TensorBoard log; `.lock` keeps the folder one run's at a time. The loop calls `due()` once a
    step and saves when it says so: every `save_minutes`, at the end of `minutes`, and when a
    process is asked to stop (SIGTERM or Ctrl-C); in the last two cases `over` turns true, on all
    processes at the same step.

    Every process draws the same global batch from seed and step, computes its `share` of it, and
    `step` averages the gradients, so that the weights, equal at first by the seed, stay equal.
    What a network draws itself (dropout) comes from the same numbers on every process.
    Torch's DistributedDataParallel is left out on purpose: it expects one forward before each
    backward and one network. Adversarial losses run a network several times a step and two
    networks in turn, and the buffers that DDP broadcasts at each forward (spectral norm's vectors)
    are then overwritten while a backward still needs them.

    `resume`, `step`, `due`, `gather` and `close` are for all processes together; the rest may also
    be called on one. As a context manager the run closes itself. The loop is
    `trecs.learning.loop.train`:

        with Run(out, seed=0) as run:
            train(recipe, run, seed=0)
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        minutes: float | None = None,  # stop after so long; None runs to the last step
        cpu_minutes: float | None = None,  # ... or when it has used the processors so long
        save_minutes: float = 3.0,
        precision: Any = "32-true",  # Fabric's names; "auto": bf16-mixed on GPUs that have it
    ) -> None:
        """Starts the clock, seeds Python, NumPy and torch, and joins the other processes.

        Raises InputError where there are too few devices or another run has the folder.
        """
        self.folder = folder
        if precision == "auto":
            bf16 = torch.cuda.is_available() and torch.cuda.is_bf16_supported()
            precision = "bf16-mixed" if bf16 else "32-true"
        self.fabric, self._agreement = launch(precision)
        self._lock = take_together(folder, self.fabric)
        seed_everything(seed, verbose=False)
        self.over = False
        self.clock = Clock(minutes, cpu_minutes, save_minutes)
        self._scaled = precision == "16-mixed"
        self._writer: Any = None
        self._noted: dict[str, Tensor] = {}

    def __enter__(self) -> "Run":
        return self

    def __exit__(self, kind: type[BaseException] | None, *_: Any) -> None:
        self._release()
        if kind is None:
            self._wait()

    def close(self) -> None:
        """Gives back signals and folder and waits for the others: what rank 0 wrote is there."""
        self._release()
        self._wait()

    @property
    def rank(self) -> int:
        """The number of this process, 0 to `world` - 1."""
        return self.fabric.global_rank

    @property
    def world(self) -> int:
        """How many processes there are, on all machines."""
        return self.fabric.world_size

    @property
    def main(self) -> bool:
        """Whether this is the process that writes files and speaks."""
        return self.rank == 0

    def share(self, batch: int, least: int = 1) -> slice:
        """This process's part of a global batch of so many, see `processes.share_of`."""
        return share_of(batch, self.rank, self.world, least)

    def batches(self, source: Batches[Batch], done: int, steps: int) -> Iterator[Batch]:
        """The source's batches of the steps from `done` on, one after another.

        For a GPU, which would wait for them, other processes draw them ahead; the batches are the
        same.
        """
        gpu = self.fabric.device.type == "cuda"
        workers = min(WORKERS, (os.cpu_count() or 1) // 2) if gpu else 0
        return in_turn(source, range(done, steps), workers, pinned=gpu)

    def setup(self, module: torch.nn.Module, *optimizers: torch.optim.Optimizer) -> Any:
        """Moves a module to the device, with its optimizers, and gives it the run's precision.

        Returns the module, or module and optimizers. On several GPUs batch norms turn into
        synchronised ones, with the same parameters; CPU processes have no such norm and use the
        statistics of their own share.
        """
        if self.world > 1 and self.fabric.device.type == "cuda":
            module = synchronized(module)
        prepared = self.fabric.setup(module, *optimizers)
        for optimizer in optimizers:  # a restored one's state is still on the CPU
            optimizer.load_state_dict(optimizer.state_dict())
        return prepared

    def step(
        self, loss: Tensor, optimizer: torch.optim.Optimizer, clip: float | None = None
    ) -> None:
        """One step down the loss's gradient, averaged over the processes.

        The loss is the mean over this process's share; the shares weigh alike. `optimizer` as
        `setup` returned it. `clip` is the largest norm of the whole gradient. Raises RuntimeError
        where the gradient that is to be clipped is not finite.
        """
        optimizer.zero_grad()
        self.fabric.backward(loss)
        parameters = [p for group in optimizer.param_groups for p in group["params"]]
        if self.world > 1:
            average_gradients([p for p in parameters if p.requires_grad], self.world)
        if clip is not None:
            inner = getattr(optimizer, "optimizer", optimizer)  # Fabric's wrapper has it
            self.fabric.strategy.precision.unscale_gradients(inner)
            torch.nn.utils.clip_grad_norm_(
                parameters,
                clip,
                error_if_nonfinite=not self._scaled,  # scaled ones may be: the step is skipped
            )
        optimizer.step()

    def gather(self, values: Tensor) -> Tensor:
        """All processes' rows (B / world, ...), in their order, as one (B, ...).

        Differentiable: a loss over the gathered rows, computed alike on every process, gives with
        `step` the gradient of that loss.
        """
        if self.world == 1:
            return values
        gathered: Tensor = Gather.apply(values)
        return gathered

    def resume(self) -> dict[str, Any] | None:
        """The state last saved in this folder, or None on a fresh start.

        Rank 0 reads it for all. Raises InputError where the file is damaged.
        """
        state, complaint = self.fabric.broadcast(self._read() if self.main else (None, None))
        if complaint:
            raise InputError(complaint)
        return state

    def restore(self, state: Mapping[str, Any], **parts: Any) -> None:
        """Loads parts of a saved state, by their names in it, into networks and optimizers.

        Raises InputError where they are another model's.
        """
        try:
            for name, part in parts.items():
                part.load_state_dict(state[name])
        except (RuntimeError, ValueError, KeyError) as error:
            why = str(error).splitlines()[-1].strip()[:160]
            raise InputError(
                f"'{self.folder}' holds a run of another model ({why}); "
                "give the settings it was started with, or another --out."
            ) from error

    def check(self, state: Mapping[str, Any], settings: Mapping[str, Any]) -> None:
        """Raises InputError where a saved state has other settings than these."""
        if any(state.get(name) != value for name, value in settings.items()):
            raise InputError(
                f"'{self.folder}' holds a run of another model or other data; give the settings it "
                "was started with, or another --out."
            )

    def announce(self, step: int, steps: int) -> None:
        """Says on stderr where a run that was started before goes on, or that it is complete."""
        if not self.main:
            return
        if step >= steps:
            print(
                f"{self.folder} has done its {step:,} steps already; give more --steps to go on.",
                file=sys.stderr,
            )
        elif step:
            print(f"{self.folder} goes on after step {step:,} of {steps:,}.", file=sys.stderr)

    def due(self) -> bool:
        """Whether to save now; sets `over` when the run is to end after it.

        The processes agree: one that is asked to stop, or whose time is up, speaks for all.
        """
        over = self.over or self.clock.over()
        save = over or self.clock.time_to_save()
        if self.world > 1:
            wishes = torch.tensor([over, save], dtype=torch.uint8)
            torch.distributed.all_reduce(wishes, torch.distributed.ReduceOp.MAX, self._agreement)
            over, save = map(bool, wishes.tolist())
        self.over = over
        if save:
            self.clock.saving()
        return save

    def save(self, state: dict[str, Any]) -> None:
        """Writes the state (tensors, numbers, texts and containers of them) atomically."""
        if not self.main:
            return
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_atomically(self.folder / "state.pt", buffer.getvalue())

    def note(self, **values: Tensor) -> None:
        """Keeps scalars of a step, to stand in the log beside its losses."""
        self._noted.update(values)

    def noted(self) -> dict[str, Tensor]:
        """What was noted since the last call."""
        noted, self._noted = self._noted, {}
        return noted

    def log(self, step: int, **values: float) -> None:
        """Prints a line of values on stderr and adds them to the TensorBoard log.

        Those of rank 0: losses are of its share.
        """
        if not self.main:
            return
        with disk.told(self.folder / "log"):
            if self._writer is None:
                from torch.utils.tensorboard import SummaryWriter

                self._writer = SummaryWriter(self.folder / "log")
            for name, value in values.items():
                self._writer.add_scalar(name, value, step)
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        print(f"step {step}  {numbers}", file=sys.stderr, flush=True)

    def _read(self) -> tuple[dict[str, Any] | None, str | None]:
        """The saved state, or what is wrong with it."""
        path = self.folder / "state.pt"
        if not path.is_file():
            return None, None
        try:
            return dict(torch.load(path, map_location="cpu", weights_only=True)), None
        except Exception as error:
            why = " ".join(str(error).split())[:200]
            return (
                None,
                f"The training state '{path}' is damaged ({why}); delete it to start afresh.",
            )

    def _release(self) -> None:
        self.clock.release()
        try:
            if self._writer is not None:
                with disk.told(self.folder / "log"):
                    self._writer.close()
        finally:
            self._writer = None
            if self._lock is not None:
                self._lock.release()
                self._lock = None

    def _wait(self) -> None:
        if self.world > 1:
            torch.distributed.barrier(self._agreement)
