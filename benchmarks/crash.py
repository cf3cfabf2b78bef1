"""What `kill -9` and a disk that fills up leave of everything that the studio writes.

    python -m benchmarks.crash --kills 200 --points 50

Each writer (training, library, evaluation, preparing, download, drawing) is killed at random
moments, drawn from a seed, and started again in the same folder. After each kill every file is
opened, and what belongs together is compared. One that was killed and went on must end like one
that was not. Then the same on a disk that has room for a part of what is written, at so many points
of it: a small tmpfs where it can be mounted, else a limit on the size of a file. Prints a Markdown
table of counts; exit code 1 where something was not whole.
"""

import os

os.environ["OMP_NUM_THREADS"] = "1"  # what is forked must have no threads
os.environ["CUDA_VISIBLE_DEVICES"] = ""

import argparse
import random
import resource
import shutil
import signal
import subprocess
import sys
import tempfile
import time
from collections import Counter
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from functools import partial
from pathlib import Path

import torch

from benchmarks.crash_job import Job, assert_whole
from benchmarks.crash_jobs import JOBS
from files.errors import InputError
from files.whole import MARK, sweep

REFUSED, BROKE = 2, 1
PATIENCE = 300.0  # seconds that a job takes at most


def child(work: Callable[[], None], told: Path) -> int:
    """Starts the work in a process of its own; its number."""
    pid = os.fork()
    if pid:
        return pid
    try:
        with told.open("a") as file:
            os.dup2(file.fileno(), 1)
            os.dup2(file.fileno(), 2)
        work()
    except InputError as error:
        print(f"refused: {error}", flush=True)
        os._exit(REFUSED)
    except BaseException as error:
        print(f"broke: {type(error).__name__}: {error}", flush=True)
        os._exit(BROKE)
    os._exit(0)


def ended(pid: int, seconds: float) -> int | None:
    """The exit code of a process that ends within so long; else it is killed, and None."""
    ends = time.monotonic() + seconds
    while True:
        done, status = os.waitpid(pid, os.WNOHANG)
        if done:
            return os.waitstatus_to_exitcode(status)
        if time.monotonic() >= ends:
            os.kill(pid, signal.SIGKILL)
            os.waitpid(pid, 0)
            return None
        time.sleep(min(0.001, max(ends - time.monotonic(), 0)))


def left_over(folder: Path) -> int:
    """How many unfinished files and folders lie there."""
    return len(list(folder.rglob(f"{MARK}*")))


def killed(name: str, job: Job, kills: int, rng: random.Random, place: Path) -> Counter[str]:
    """Kills a job so many times."""
    source, told, counts = place / "source", place / "told", Counter[str]()
    began = time.monotonic()
    trial = child(lambda: job.work(source, place / "trial"), told)
    ended(trial, PATIENCE if job.ends else 1.0)
    lasts = time.monotonic() - began
    shutil.rmtree(place / "trial", ignore_errors=True)
    sweep(place)
    out = place / "out"

    def look() -> None:
        try:
            counts["files opened"] += assert_whole(out)
            job.check(out)
        except Exception as error:
            counts["not whole"] += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)

    def finish() -> None:
        """Lets it come to its end, and compares that."""
        code = ended(child(lambda: job.work(source, out), told), PATIENCE if job.ends else 1.0)
        if not job.ends:
            sweep(out, deep=True)
            sweep(place)
        look()
        try:
            assert code == (0 if job.ends else None), f"ended with {code}"
            job.finished(source, out)
        except Exception as error:
            counts["ended otherwise"] += 1
            print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
        counts["left over"] += left_over(place)
        counts["ends compared"] += 1

    while counts["kills"] < kills:
        pid = child(lambda: job.work(source, out), told)
        # A part of the whole, so that the work is killed several times before it is done.
        code = ended(pid, rng.uniform(0, 0.6 * lasts))
        counts["kills"] += code is None
        look()
        if code == 0:
            finish()
            shutil.rmtree(out)
        elif code is not None:
            counts["ended otherwise"] += 1
            return counts
    finish()
    return counts


def filled(name: str, job: Job, points: int, place: Path) -> Counter[str]:
    """Lets a job run into a full disk at so many points of what it writes."""
    source, told, counts = place / "source", place / "told", Counter[str]()
    with room(place / "disk", 2**30) as (disk, _):
        ended(child(lambda: job.work(source, disk / "out"), told), PATIENCE if job.ends else 0.3)
        needed = sum(p.stat().st_blocks * 512 for p in disk.rglob("*") if p.is_file())
    for point in range(points):
        size = int(needed * (point + 0.5) / points)
        with room(place / "disk", size) as (disk, enlarge):
            pid = child(partial(limited, job, source, disk / "out", size), told)
            code = ended(pid, PATIENCE if job.ends else 1.0)
            counts["points"] += 1
            counts["told in a line"] += code == REFUSED
            counts["had room"] += code in (0, None)
            counts["broke"] += code not in (0, None, REFUSED)
            enlarge()
            try:
                counts["files opened"] += assert_whole(disk)
                job.check(disk / "out")
                code = ended(
                    child(lambda: job.work(source, disk / "out"), told),
                    PATIENCE if job.ends else 0.5,
                )
                if job.ends:
                    assert code == 0, f"ended with {code}"
                    job.finished(source, disk / "out")
                    counts["left over"] += left_over(disk)
            except Exception as error:
                counts["not whole"] += 1
                print(f"{name}: {type(error).__name__}: {error}", file=sys.stderr)
    return counts


def limited(job: Job, source: Path, out: Path, size: int) -> None:
    """Works; where no small disk can be mounted, with a limit on the size of each file."""
    if not can_mount():
        resource.setrlimit(resource.RLIMIT_FSIZE, (max(size // 8, 1), resource.RLIM_INFINITY))
    job.work(source, out)


def can_mount() -> bool:
    """Whether this user may mount a disk."""
    return sys.platform == "linux" and os.geteuid() == 0 and shutil.which("mount") is not None


@contextmanager
def room(folder: Path, size: int) -> Iterator[tuple[Path, Callable[[], None]]]:
    """A disk of so many bytes, if one can be mounted, and what makes it large enough."""
    folder.mkdir()
    if not can_mount():
        yield folder, lambda: None
        shutil.rmtree(folder)
        return

    def mount(options: str) -> None:
        command = ["mount", "-t", "tmpfs", "-o", options, "crash", str(folder)]
        subprocess.run(command, check=True)

    mount(f"size={max(size, 4096)}")
    try:
        yield folder, lambda: mount(f"remount,size={2**30}")
    finally:
        subprocess.run(["umount", "-l", str(folder)], check=True)
        folder.rmdir()


def table(rows: dict[str, Counter[str]], columns: tuple[str, ...]) -> str:
    """Counts as a Markdown table."""
    lines = [f"| | {' | '.join(columns)} |", "| --- " * (len(columns) + 1) + "|"]
    for name, counts in rows.items():
        lines.append(f"| {name} | {' | '.join(f'{counts[column]:,}' for column in columns)} |")
    return "\n".join(lines)


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--kills", type=int, default=200, help="in all (default: 200)")
    parser.add_argument("--points", type=int, default=50, help="of each writer (default: 50)")
    parser.add_argument("--seed", type=int, default=0, help="of the moments (default: 0)")
    parser.add_argument("--only", nargs="+", choices=JOBS, default=list(JOBS), metavar="WRITER")
    args = parser.parse_args()
    torch.set_num_threads(1)
    rng = random.Random(args.seed)
    deaths: dict[str, Counter[str]] = {}
    disks: dict[str, Counter[str]] = {}
    for number, name in enumerate(args.only):
        with tempfile.TemporaryDirectory() as folder:
            place, job = Path(folder), JOBS[name]()
            (place / "source").mkdir()
            began = child(partial(job.begin, place / "source"), place / "told")
            assert ended(began, PATIENCE) == 0, (place / "told").read_text()
            job.serve()
            share = len(range(number, args.kills, len(args.only)))
            deaths[name] = killed(name, job, share, rng, place)
            disks[name] = filled(name, job, args.points, place)
            print(f"{name}: {dict(deaths[name])}, {dict(disks[name])}", file=sys.stderr)
    kills = ("kills", "files opened", "not whole", "ends compared", "ended otherwise", "left over")
    points = (*("points", "told in a line", "had room", "broke"), *kills[1:3], "left over")
    print(f"Killed (seed {args.seed}):\n\n{table(deaths, kills)}\n")
    how = "a tmpfs" if can_mount() else "a limit on the size of a file"
    print(f"A disk that fills up ({how}):\n\n{table(disks, points)}")
    bad = ("not whole", "ended otherwise", "left over", "broke")
    return int(any(counts[b] for counts in (*deaths.values(), *disks.values()) for b in bad))


if __name__ == "__main__":
    sys.exit(main())
