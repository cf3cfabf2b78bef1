"""What every training loop shares: its folder, its resumable state, its log and its clock."""

import io
import signal
import sys
import time
from collections.abc import Mapping
from pathlib import Path
from types import FrameType
from typing import Any

import torch
from lightning.fabric import Fabric, seed_everything

from retrieval.weights import write_atomically
from segmentation.errors import InputError


class Run:
    """One training run in a folder.

    `state.pt` holds everything needed to go on (written whole or not at all), `log/` the
    TensorBoard log. The loop calls `due()` once a step and saves when it says so: every
    `save_minutes`, at the end of `minutes`, and when the process is asked to stop (SIGTERM or
    Ctrl-C); in the last two cases `over` turns true after that save.
    """

    def __init__(
        self,
        folder: Path,
        *,
        seed: int,
        minutes: float | None = None,  # stop after so long; None runs to the last step
        save_minutes: float = 3.0,
        precision: Any = "32-true",  # Lightning Fabric's names, e.g. "bf16-mixed"
    ) -> None:
        folder.mkdir(parents=True, exist_ok=True)
        self.folder = folder
        self.fabric = Fabric(accelerator="auto", devices=1, precision=precision)
        self.fabric.launch()
        seed_everything(seed, verbose=False)
        self.over = False
        self._save_seconds = save_minutes * 60
        self._saved_at = time.monotonic()
        self._ends_at = time.monotonic() + minutes * 60 if minutes is not None else None
        self._writer: Any = None
        for name in (signal.SIGTERM, signal.SIGINT):
            signal.signal(name, self._ask_to_stop)

    def resume(self) -> dict[str, Any] | None:
        """The state last saved in this folder, or None on a fresh start.

        Raises InputError where the file is damaged.
        """
        path = self.folder / "state.pt"
        if not path.is_file():
            return None
        try:
            state = torch.load(path, map_location="cpu", weights_only=True)
        except Exception as error:
            raise InputError(
                f"The training state '{path}' is damaged ({error}); delete it to start afresh."
            ) from error
        return dict(state)

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

    def announce(self, step: int, steps: int) -> None:
        """Says on stderr where a run that was started before goes on, or that it is complete."""
        if step >= steps:
            print(
                f"{self.folder} has done its {step:,} steps already; give more --steps to go on.",
                file=sys.stderr,
            )
        elif step:
            print(f"{self.folder} goes on after step {step:,} of {steps:,}.", file=sys.stderr)

    def due(self) -> bool:
        """Whether to save now; sets `over` when the run is to end after it."""
        now = time.monotonic()
        if self._ends_at is not None and now >= self._ends_at:
            self.over = True
        return self.over or now - self._saved_at >= self._save_seconds

    def save(self, state: dict[str, Any]) -> None:
        """Writes the state (tensors, numbers, texts and containers of them) atomically."""
        buffer = io.BytesIO()
        torch.save(state, buffer)
        write_atomically(self.folder / "state.pt", buffer.getvalue())
        self._saved_at = time.monotonic()

    def log(self, step: int, **values: float) -> None:
        """Prints a line of values on stderr and adds them to the TensorBoard log."""
        if self._writer is None:
            from torch.utils.tensorboard import SummaryWriter

            self._writer = SummaryWriter(self.folder / "log")
        for name, value in values.items():
            self._writer.add_scalar(name, value, step)
        numbers = "  ".join(f"{name} {value:.4g}" for name, value in values.items())
        print(f"step {step}  {numbers}", file=sys.stderr, flush=True)

    def _ask_to_stop(self, number: int, frame: FrameType | None) -> None:
        self.over = True
