"""The seed as the browser sends it."""

from trecs.interface.messages import refusal
from trecs.interface.texts import text

LARGEST_SEED = 2**31 - 1


def checked_seed(seed: object) -> int:
    """A seed from the browser as an int; shows a message where it is none."""
    if isinstance(seed, bool) or not isinstance(seed, int | float) or seed != seed // 1:
        told = str(seed)[:20]
        raise refusal(text("messages.seed_kind", seed=told, largest=LARGEST_SEED))
    if not 0 <= seed <= LARGEST_SEED:
        raise refusal(text("messages.seed_size", seed=f"{seed:g}", largest=LARGEST_SEED))
    return int(seed)
