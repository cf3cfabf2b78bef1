"""How a page is opened to a browser: its address, its folder for files, its queue and its gate."""

import errno
import logging
import os
import signal
import socket
from functools import cache
from pathlib import Path
from types import FrameType
from typing import Any, NoReturn

import gradio as gr
from gradio import route_utils, routes
from starlette.middleware import Middleware

from files.errors import InputError
from files.pictures import only_ours
from files.temporary import OwnFolder
from trecs.interface.gate import Gate
from trecs.interface.limits import Limits
from trecs.interface.waiting import Waiting


@cache
def own_folder() -> Path:
    """The process's folder for uploads and results; raises InputError where none can be made.

    Gradio's own default is one for all users of the machine, so that the first of them owns it.
    To be called before a page is built.
    """
    parent = os.environ.get("GRADIO_TEMP_DIR")
    folder = OwnFolder(Path(parent) if parent else None).path
    os.environ["GRADIO_TEMP_DIR"] = str(folder)
    for module in (routes, route_utils):  # they asked when they were imported
        module.DEFAULT_TEMP_DIR = str(folder)
    return folder


def queued(page: gr.Blocks, limits: Limits) -> gr.Blocks:
    """The page with its queue, past which no event that uses it can go."""
    page.queue(api_open=False)
    page._queue = Waiting(page, limits)
    return page


def check_address(host: str, port: int) -> None:
    """Raises InputError, in one line, where nothing can listen there."""
    if not 0 < port < 2**16:
        raise InputError(f"There is no port {port}; give one from 1 to 65535 (--port).")
    try:
        found = socket.getaddrinfo(host.strip("[]"), port, type=socket.SOCK_STREAM)
        family, kind, protocol, _, address = found[0]
        with socket.socket(family, kind, protocol) as probe:
            probe.setsockopt(socket.SOL_SOCKET, socket.SO_REUSEADDR, 1)
            probe.bind(address)
    except PermissionError as error:
        raise InputError(
            f"Port {port} is kept for the system; give one from 1024 on, such as --port 7861."
        ) from error
    except (OSError, UnicodeError) as error:
        if isinstance(error, OSError) and error.errno == errno.EADDRINUSE:
            raise InputError(
                f"Port {port} is in use; give another, such as --port {port % 65535 + 1}, or end "
                "what uses it."
            ) from error
        raise InputError(
            f"'{host}' is no address of this machine ({getattr(error, 'strerror', error)}); give "
            "one with --host: 127.0.0.1 for this machine alone, 0.0.0.0 for all that reach it."
        ) from error


def opened(
    page: gr.Blocks, host: str, port: int | None, *, limits: Limits, proxy: str = "", **look: Any
) -> str:
    """Opens the page and returns its address; `port` None takes a free one.

    `proxy`: addresses and networks, with commas between, whose X-Forwarded-For is believed. `look`
    goes to `launch`. Raises InputError where nothing can listen there.
    """
    if port is not None:
        check_address(host, port)
    os.environ["GRADIO_ANALYTICS_ENABLED"] = "False"  # nothing leaves the machine
    if not isinstance(page._queue, Waiting):
        queued(page, limits)
    only_ours()
    os.environ["FORWARDED_ALLOW_IPS"] = proxy  # uvicorn's; by itself it believes who is near
    gate = Middleware(Gate, waiting=page._queue, limits=limits)
    try:
        _, address, _ = page.launch(
            server_name=host,
            server_port=port,
            max_file_size=limits.upload,
            state_session_capacity=limits.sessions,
            run_history=False,
            enable_monitoring=False,
            pwa=False,
            ssr_mode=False,
            mcp_server=False,
            prevent_thread_lock=True,
            app_kwargs={"middleware": [gate]},
            **look,
        )
    except OSError as error:  # somebody was faster
        raise InputError(f"Port {port} is in use by now; give another with --port.") from error
    except ValueError as error:  # Gradio asked the page, and it did not answer
        raise InputError(
            f"The page does not answer at {host}: the machine is too busy, or a proxy of its own "
            "stands before it. Try again, or set NO_PROXY=127.0.0.1,localhost."
        ) from error
    return str(address).rstrip("/")


def stay(page: gr.Blocks) -> None:
    """Waits until the process is interrupted or terminated; then nothing is left behind."""

    def end(number: int, frame: FrameType | None) -> NoReturn:
        raise KeyboardInterrupt

    signal.signal(signal.SIGTERM, end)
    page.block_thread()


def logged() -> None:
    """Logs with times, to stderr, as docs/OPERATING.md tells."""
    logging.basicConfig(format="%(asctime)s %(levelname)s %(name)s: %(message)s")
    logging.getLogger("trecs").setLevel(logging.INFO)
