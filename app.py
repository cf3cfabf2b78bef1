"""Starts the studio: `python app.py`, or as a Hugging Face Space."""

try:
    import spaces  # before torch, or the Space gets no GPU
except ImportError:
    spaces = None

import argparse
import os
import sys
from pathlib import Path
from typing import TYPE_CHECKING

if TYPE_CHECKING:
    from trecs.pipeline import TReCS

LOCAL = ("127.0.0.1", "localhost", "::1")
SPACE_PROXY = "10.0.0.0/8"  # where a Space's own proxy is


def main() -> int:
    """Opens the page; the networks load meanwhile. Returns the exit code, 2 for bad input."""
    from files.errors import InputError
    from trecs.cli import escape_unknown

    for stream in (sys.stdout, sys.stderr):
        escape_unknown(stream)
    args = _parser().parse_args()
    try:
        return _serve(args)
    except InputError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    from trecs.cli import Parser
    from trecs.commands import arguments
    from trecs.interface.limits import Limits

    parser = Parser(
        prog="app.py",
        description="TReCS Studio: trace and narrate a picture in the browser.",
        epilog="example: python app.py --port 7861 --library my-library",
    )
    # A Space says in these variables where it wants the page.
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    port = os.environ.get("GRADIO_SERVER_PORT", "7860")
    parser.add_argument("--host", default=host, help=f"address to listen on (default: {host})")
    parser.add_argument("--port", type=int, default=port, help=f"port (default: {port})")
    parser.add_argument("--share", action="store_true", help="also open a public gradio.live link")
    arguments.add_checkpoint(parser)
    parser.add_argument("--library", type=Path, metavar="DIR", help="scene library")
    arguments.add_speech(parser)
    arguments.add_generator(parser)
    arguments.add_diffusion(parser)
    arguments.add_texts(parser)
    parser.add_argument(
        "--proxy",
        default=SPACE_PROXY if "SPACE_ID" in os.environ else "",
        metavar="ADDRESSES",
        help="proxies in front, whose X-Forwarded-For tells clients apart, such as 127.0.0.1",
    )
    parser.add_argument(
        "--add-photos",
        action=argparse.BooleanOptionalAction,
        help="whether the page adds photos to your own library (default: only where nobody else "
        "reaches it, so neither on a Space nor with --share, --proxy or another --host)",
    )
    for name, what in (
        ("queue", "requests that may wait"),
        ("places", "how many of these and of those in work may be one address's"),
        ("workers", "requests in work at the same time"),
    ):
        default = getattr(Limits, name)
        told = f"{what} (default: {default})"
        parser.add_argument(
            f"--{name}", type=arguments.count, default=default, metavar="N", help=told
        )
    return parser


def _cores() -> int:
    """How many cores this process may use; not every system tells it apart from those there are."""
    ours = getattr(os, "sched_getaffinity", None)
    return len(ours(0)) if ours else os.cpu_count() or 1


def _adds_photos(args: argparse.Namespace) -> bool:
    """Whether visitors may add photos: by default where the only one is who started it."""
    if args.add_photos is not None:
        return bool(args.add_photos)
    shared = args.share or args.proxy or "SPACE_ID" in os.environ
    return args.host in LOCAL and not shared


def _serve(args: argparse.Namespace) -> int:
    from files.errors import InputError
    from trecs.hub import checkpoint_folder

    checkpoint = checkpoint_folder(args.checkpoint)
    if args.library is not None and not args.library.is_dir():
        raise InputError(f"There is no scene library '{args.library}'.")

    from trecs.commands.arguments import diffusion_settings
    from trecs.interface import memory
    from trecs.interface.limits import Limits
    from trecs.interface.look import look
    from trecs.interface.models import Models
    from trecs.interface.page import build
    from trecs.interface.serving import check_address, logged, opened, stay
    from trecs.interface.steps import watched
    from trecs.interface.texts import speak
    from trecs.speech.recogniser import Recogniser

    diffusion = diffusion_settings(args)

    def load() -> "TReCS":
        from trecs.narrative import from_text
        from trecs.pipeline import TReCS
        from trecs.synthesis.diffusion.diffusion import Diffusion

        studio = TReCS.from_pretrained(
            checkpoint,
            library=args.library,
            generator=args.generator,
            autoencoder=args.autoencoder,
            diffusion=diffusion,
        )
        if isinstance(studio.in_place, Diffusion):  # its first picture may take minutes
            studio.in_place.watch = watched
            studio.canvas(told := from_text("a dog on the grass"), studio.tag(told))
        else:  # the first run is slow; nobody should wait for it
            studio(from_text("a dog on the grass"))
        return studio

    speak(args.texts)
    check_address(args.host, args.port)
    logged()
    memory.bound()
    # Threads of one picture mostly wait for one another: each worker has its own cores instead.
    threads = max(_cores() // args.workers, 1)
    os.environ.setdefault("OMP_NUM_THREADS", str(threads))  # before torch is imported
    limits = Limits(queue=args.queue, places=args.places, workers=args.workers)
    recogniser = Recogniser(args.speech)
    models = Models(load, checkpoint, args.library, recogniser, diffusion)
    lent = {"gpu": spaces.GPU} if spaces else {}
    page = build(models, **lent, limits=limits, photos=_adds_photos(args))
    opened(
        page,
        args.host,
        args.port,
        limits=limits,
        proxy=args.proxy,
        share=args.share,
        **look(),
    )
    models.start()
    stay(page)
    return 0


if __name__ == "__main__":
    sys.exit(main())
