"""Batches of a training, of which that of a step depends on the step alone."""

from collections.abc import Iterator
from typing import Any, Protocol, TypeVar

from torch.utils.data import DataLoader

Batch = TypeVar("Batch", covariant=True)


class Batches(Protocol[Batch]):
    """Batches of which that of a step depends on the step alone."""

    def __getitem__(self, step: int) -> Batch:
        """The batch of a step."""
        ...


def in_turn(
    source: Batches[Batch], steps: range, workers: int, *, pinned: bool = False
) -> Iterator[Batch]:
    """The source's batches of these steps, drawn ahead by so many other processes."""
    return iter(
        DataLoader(
            source,  # type: ignore[arg-type]
            batch_size=None,
            sampler=steps,
            num_workers=workers,
            collate_fn=_unchanged,
            pin_memory=pinned,
        )
    )


def _unchanged(batch: Any) -> Any:
    return batch
