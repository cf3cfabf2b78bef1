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


def main() -> int:
    """Opens the page; the networks load meanwhile. Returns the exit code, 2 for bad input."""
    from files.errors import InputError
    from trecs.commands import arguments
    from trecs.hub import checkpoint_folder

    parser = argparse.ArgumentParser(
        prog="app.py",
        description="TReCS Studio: trace and narrate a picture in the browser.",
        epilog="example: python app.py --port 7861 --library my-library",
    )
    # A Space says in these variables where it wants the page.
    host = os.environ.get("GRADIO_SERVER_NAME", "127.0.0.1")
    port = int(os.environ.get("GRADIO_SERVER_PORT", "7860"))
    parser.add_argument("--host", default=host, help=f"address to listen on (default: {host})")
    parser.add_argument("--port", type=int, default=port, help=f"port (default: {port})")
    parser.add_argument("--share", action="store_true", help="also open a public gradio.live link")
    arguments.add_checkpoint(parser)
    parser.add_argument("--library", type=Path, metavar="DIR", help="scene library")
    args = parser.parse_args()
    try:
        checkpoint = checkpoint_folder(args.checkpoint)
        if args.library is not None and not args.library.is_dir():
            raise InputError(f"There is no scene library '{args.library}'.")
    except InputError as error:
        print(f"app.py: {error}", file=sys.stderr)
        return 2
    os.environ.setdefault("GRADIO_ANALYTICS_ENABLED", "False")

    from trecs.interface.look import look
    from trecs.interface.models import Models
    from trecs.interface.page import MAX_UPLOAD, build

    def load() -> "TReCS":
        from trecs.narrative import from_text
        from trecs.pipeline import TReCS

        studio = TReCS.from_pretrained(checkpoint, library=args.library)
        studio(from_text("a dog on the grass"))  # the first run is slow; nobody should wait for it
        return studio

    models = Models(load, checkpoint)
    page = build(models, spaces.GPU) if spaces else build(models)
    page.launch(
        server_name=args.host,
        server_port=args.port,
        share=args.share,
        max_file_size=MAX_UPLOAD,
        prevent_thread_lock=True,
        **look(),
    )
    models.start()
    page.block_thread()
    return 0


if __name__ == "__main__":
    sys.exit(main())
