"""A drawing job that can be sent to other processes and machines, and who does it."""

import hashlib
import multiprocessing
import os
import sys
from collections.abc import Callable
from dataclasses import asdict, dataclass, field
from pathlib import Path
from typing import Any

from files.errors import InputError
from files.weights import BUNDLED
from trecs.evaluation.drawing import Counts, Plan, draw
from trecs.evaluation.run_folder import RunFolder, Settings, Shard
from trecs.hub import checkpoint_folder
from trecs.installed import COLLAGE, DIFFUSERS
from trecs.synthesis.diffusion.settings import DiffusionSettings
from trecs.systems import registry
from trecs.systems.interface import Home

BAD_INPUT = 2  # exit code of a worker
CHUNK = 1 << 20  # bytes that are read at once


@dataclass(frozen=True)
class Work:
    """Which systems draw which narratives, with which models, and where to."""

    data: Path
    out: Path
    systems: tuple[str, ...]
    plan: Plan
    size: int = 256
    checkpoint: Path | None = None
    library: Path | None = None
    generator: str | None = None
    retry: bool = False
    note: str = ""  # of the data, for the protocol
    autoencoder: Path | None = None
    diffusion: DiffusionSettings = field(default_factory=DiffusionSettings)

    def settings(self) -> Settings:
        """What the folder notes.

        Raises InputError where a part or the data is missing, or no narrative can be drawn.
        """
        from trecs.data.dataset import Dataset
        from trecs.evaluation.cases import cases_of

        asked = {
            "data": str(self.data),
            "note": self.note,
            "systems": list(self.systems),
            "plan": asdict(self.plan),
        }
        cases = cases_of(Dataset(self.data))
        self.plan.check(cases)
        return Settings(cases.fingerprint, self.size, self._models(), asked)

    def run(self, shard: Shard, may_go_on: Callable[[], bool] = lambda: True) -> Counts:
        """Draws a shard in this process."""
        from trecs.evaluation.cases import cases_of

        home = self.home()
        return draw(
            cases_of(home.dataset),
            {name: registry.card(name).load(home) for name in self.systems},
            self.plan,
            RunFolder(self.out),
            shard,
            size=self.size,
            retry=self.retry,
            may_go_on=may_go_on,
        )

    def home(self) -> Home:
        """Where the systems find what they are made of."""
        return Home(
            checkpoint_folder(self.checkpoint or BUNDLED),
            self.library,
            self.generator,
            self.data,
            cache=self.out,
            autoencoder=self.autoencoder,
            diffusion=self.diffusion,
            size=self.size,
        )

    def _models(self) -> dict[str, str]:
        """A hash of the trained parts that each system draws with, and of what paints."""
        home = self.home()
        parts = {name: registry.card(name).parts(home) for name in self.systems}
        hashes = {part: part_hash(part) for part in set().union(*parts.values())}
        return {
            name: _short_hash(b"".join([*(hashes[part] for part in some), self._painter(name)]))
            for name, some in parts.items()
        }

    def _painter(self, system: str) -> bytes:
        """What paints a system's canvases in place of a generator; empty where none does."""
        if not registry.card(system).composes:
            return b""
        painter = system if system == DIFFUSERS else self.generator
        told = {COLLAGE: COLLAGE, DIFFUSERS: repr(self.diffusion)}
        return told.get(painter or "", "").encode()


def _short_hash(content: bytes) -> str:
    return hashlib.sha256(content).hexdigest()[:16]


def part_hash(part: Path) -> bytes:
    """A hash of a trained part, a folder or a file: of all its files but cards (*.md)."""
    digest = hashlib.sha256()
    for path in sorted(part.iterdir()) if part.is_dir() else [part]:
        if path.is_file() and path.suffix != ".md" and not path.name.startswith("."):
            digest.update(f"{path.name}\0{path.stat().st_size}\0".encode())
            with path.open("rb") as file:
                while chunk := file.read(CHUNK):
                    digest.update(chunk)
    return digest.digest()


def draw_here(work: Work, shard: Shard, workers: int) -> int:
    """Draws a shard on this machine, with several `workers` in processes of their own.

    Each worker sees one of the GPUs, if there are any. Returns an exit code: not 0 where a worker
    did not end well.
    """
    if workers == 1:
        print(_told(shard, work.run(shard)))
        return 0
    context = multiprocessing.get_context("spawn")
    gpus = _gpus() or [""]
    processes = [
        context.Process(target=_work, args=(work, part, gpus[number % len(gpus)]))
        for number, part in enumerate(shard.split(workers))
    ]
    try:
        for process in processes:
            process.start()
        for process in processes:
            process.join()
    finally:
        for process in processes:
            process.terminate()
    codes = [process.exitcode or 0 for process in processes]
    for number, code in enumerate(codes):
        if code:
            print(
                f"trecs: worker {number + 1} of {workers} ended with code {code}; the same command "
                "goes on where it stopped",
                file=sys.stderr,
            )
    return max(map(abs, codes)) and (BAD_INPUT if BAD_INPUT in codes else 1)


def draw_on_ray(work: Work, shard: Shard, workers: int | None) -> int:
    """Draws a shard as Ray tasks, one a GPU of the cluster, or a CPU where it has none.

    All machines must see the same folders. Raises InputError where Ray is not installed.
    """
    try:
        import ray
    except ImportError as error:
        raise InputError(
            "--engine ray needs Ray, which is not installed; `pip install ray`, or leave out "
            "--engine."
        ) from error
    ray.init(ignore_reinit_error=True, log_to_driver=False)
    have = ray.cluster_resources()
    gpus = int(have.get("GPU", 0))
    parts = workers or gpus or int(have.get("CPU", 1))
    task = ray.remote(num_cpus=1, num_gpus=min(gpus, 1))(_run)
    try:
        done = ray.get([task.remote(work, part) for part in shard.split(parts)])
    finally:
        ray.shutdown()
    total = Counts(*(sum(column) for column in zip(*done, strict=True)))
    print(_told(shard, total))
    return 0


def devices() -> int:
    """How many workers this machine feeds: one a GPU, or one."""
    return len(_gpus()) or 1


def _gpus() -> list[str]:
    """The GPUs that may be used, as CUDA_VISIBLE_DEVICES names them."""
    import torch

    visible = [name for name in os.environ.get("CUDA_VISIBLE_DEVICES", "").split(",") if name]
    return visible or [str(number) for number in range(torch.cuda.device_count())]


def _run(work: Work, shard: Shard) -> tuple[int, int, int]:
    counts = work.run(shard)
    return counts.drawn, counts.failed, counts.before


def _work(work: Work, shard: Shard, gpu: str) -> None:
    """A worker process: draws on its device, and ends when its parent is gone."""
    if gpu:
        os.environ["CUDA_VISIBLE_DEVICES"] = gpu
    parent: Any = multiprocessing.parent_process()
    try:
        print(_told(shard, work.run(shard, parent.is_alive)))
    except InputError as error:
        print(f"trecs: {error}", file=sys.stderr)
        sys.exit(BAD_INPUT)


def _told(shard: Shard, counts: Counts) -> str:
    told = f"shard {shard.name}: {counts.drawn:,} pictures drawn"
    if counts.before:
        told += f", {counts.before:,} finished before"
    if counts.failed:
        told += f", {counts.failed:,} could not be drawn (see failed-*.jsonl)"
    return told
