"""How long functions report progress without knowing who watches.

They take `progress: Progress = no_progress` and call it like `tqdm(iterable, desc=, total=)`. The
command line passes tqdm, the demo passes `gr.Progress().tqdm`.
"""

from collections.abc import Iterable
from typing import Protocol, TypeVar

T = TypeVar("T")


class Progress(Protocol):
    """Anything that can be called like `tqdm`."""

    def __call__(
        self, iterable: Iterable[T], *, desc: str | None = None, total: int | None = None
    ) -> Iterable[T]:
        """Yields the items of `iterable` and shows how far it is."""
        ...


def no_progress(
    iterable: Iterable[T], *, desc: str | None = None, total: int | None = None
) -> Iterable[T]:
    """Shows nothing."""
    return iterable
