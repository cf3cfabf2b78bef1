#!/usr/bin/env python3
"""Chromium as Playwright starts it, but without an inspector that notes what the page loads.

Playwright enables the network domain of DevTools, and the page's process then keeps the address
and the body of all that was ever loaded, as long as the page is open: that memory is the
inspector's, not the page's. This stands between the two (`executable_path`) and hands
on all that Playwright says, but for that; Playwright hears of no requests then.
"""

import os
import shutil
import subprocess
import sys

FROM_PLAYWRIGHT, TO_PLAYWRIGHT = 3, 4  # descriptors of --remote-debugging-pipe
ENABLED, DISABLED = b'"method":"Network.enable"', b'"method":"Network.disable"'


def main() -> int:
    """Runs Chromium until it or Playwright ends."""
    chromium = shutil.which("chromium") or shutil.which("google-chrome")
    if chromium is None:
        sys.exit("There is no chromium; install it: sudo apt-get install chromium")
    said = os.fdopen(os.dup(FROM_PLAYWRIGHT), "rb", buffering=0)
    ours, end = os.pipe()
    os.dup2(ours, FROM_PLAYWRIGHT)
    started = subprocess.Popen([chromium, *sys.argv[1:]], pass_fds=(FROM_PLAYWRIGHT, TO_PLAYWRIGHT))
    for descriptor in (ours, FROM_PLAYWRIGHT, TO_PLAYWRIGHT):
        os.close(descriptor)
    rest = b""
    with os.fdopen(end, "wb") as told:
        while heard := said.read(1 << 16):
            *messages, rest = (rest + heard).split(b"\0")
            for message in messages:
                told.write(message.replace(ENABLED, DISABLED) + b"\0")
            told.flush()
    return started.wait()


if __name__ == "__main__":
    sys.exit(main())
