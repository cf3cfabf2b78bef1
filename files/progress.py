"""The bar that shows how far long work has come."""

from functools import partial

from tqdm import tqdm

progress_bar = partial(tqdm, disable=None)
"""tqdm's, on stderr where that is a terminal; a log file would keep every state of it."""
