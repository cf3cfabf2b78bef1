"""The seed as the browser sends it."""

from trecs.interface.messages import refusal

LARGEST_SEED = 2**31 - 1


def checked_seed(seed: object) -> int:
    """A seed from the browser as an int; shows a message where it is none."""
    if isinstance(seed, bool) or not isinstance(seed, int | float) or seed != seed // 1:
        told = str(seed)[:20]
        raise refusal(f"The seed ({told}) is no whole number; expected 0 to {LARGEST_SEED}.")
    if not 0 <= seed <= LARGEST_SEED:
        raise refusal(f"The seed {seed:g} cannot be used; expected 0 to {LARGEST_SEED}.")
    return int(seed)
