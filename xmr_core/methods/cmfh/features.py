"""Feature matrices in either orientation, read from memory or disk without pickle."""

from collections.abc import Sequence
from dataclasses import dataclass
from itertools import product
from pathlib import Path
from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import ConfigError

Orientation = Literal["columns", "rows"]
Source = str | Path | NDArray[Any]


@dataclass(frozen=True, slots=True)
class Features:
    """One view of the items.

    Attributes:
        array: In memory or mapped from disk, never copied whole.
        orientation: "columns" if each column is an item (d x n, as published), else "rows".
    """

    array: NDArray[Any]
    orientation: Orientation = "rows"

    @property
    def count(self) -> int:
        """Number of items."""
        return self.array.shape[1 if self.orientation == "columns" else 0]

    @property
    def width(self) -> int:
        """Numbers per item."""
        return self.array.shape[0 if self.orientation == "columns" else 1]

    def items(self, which: slice | NDArray[np.integer[Any]]) -> NDArray[np.float64]:
        """Some items as float64, shape (items, width)."""
        if self.orientation == "columns":
            return np.asarray(self.array[:, which], dtype=np.float64).T
        return np.asarray(self.array[which], dtype=np.float64)


def open_views(
    sources: Sequence[Source],
    orientation: Orientation | None = None,
    *,
    widths: Sequence[int] | None = None,
    count: int | None = None,
) -> tuple[Features, ...]:
    """Opens the views of the same items and finds out which way round they lie.

    Args:
        sources: Paths of `.npy` files, which are mapped, or arrays.
        orientation: "columns" for d x n, "rows" for n x d; None to tell by what the views have in
            common, their number of items.
        widths: Width of each view, where it is known, as from a trained model.
        count: Number of items, where it is known, as from labels.

    Raises:
        ConfigError: A file cannot be read, the views do not fit together, or they fit in more than
            one way.
    """
    arrays = [open_array(source) for source in sources]
    choices = get_args(Orientation) if orientation is None else (orientation,)
    fitting = []
    for ways in product(choices, repeat=len(arrays)):
        views = tuple(Features(a, way) for a, way in zip(arrays, ways, strict=True))
        counts = {view.count for view in views}
        if len(counts) > 1 or (count is not None and counts != {count}):
            continue
        if widths is None or [view.width for view in views] == list(widths):
            fitting.append(views)
    shapes = " and ".join("x".join(map(str, array.shape)) for array in arrays)
    if not fitting:
        known = f" of widths {tuple(widths)}" if widths is not None else ""
        items = "the same number of" if count is None else f"{count}"
        raise ConfigError(
            f"matrices of {shapes} cannot be views{known} of {items} items"
            + (f" with items in {orientation}" if orientation else "")
        )
    if len(fitting) > 1:
        raise ConfigError(
            f"matrices of {shapes} can be read with items in columns or in rows;"
            ' give the orientation, "columns" (d x n) or "rows" (n x d)'
        )
    return fitting[0]


def read_labels(source: Source, classes: int | None = None) -> NDArray[np.float64]:
    """Labels as one or several hot: shape (items, classes).

    Args:
        source: A `.npy` file or an array: class numbers, shape (items,), or 0 and 1, shape (items,
            classes).
        classes: Number of classes; None for as many as the numbers need.

    Raises:
        ConfigError: They are neither.
    """
    labels = np.asarray(open_array(source, dimensions=(1, 2)))
    if labels.ndim == 2:
        if not np.isin(labels, (0, 1)).all():
            raise ConfigError("a matrix of labels must hold 0 and 1 only, items in rows")
        return labels.astype(np.float64)
    if not len(labels) or (labels != labels.astype(np.int64)).any() or labels.min() < 0:
        raise ConfigError("labels must be class numbers from 0, one for each item")
    numbers = labels.astype(np.int64)
    return np.eye(max(classes or 0, int(numbers.max()) + 1))[numbers]


def open_array(source: Source, dimensions: tuple[int, ...] = (2,)) -> NDArray[Any]:
    """An array of numbers from memory, or mapped from a `.npy` file.

    Raises:
        ConfigError: It cannot be read, would need pickle, or has another number of dimensions.
    """
    if isinstance(source, np.ndarray):
        name, array = "the array", source
    else:
        name = str(source)
        try:
            array = np.load(source, mmap_mode="r", allow_pickle=False)
        except (OSError, ValueError) as error:
            raise ConfigError(f"{name} cannot be read as a .npy matrix: {error}") from error
        if not isinstance(array, np.ndarray):
            array.close()
            raise ConfigError(f"{name} holds several arrays; give a .npy file with one")
    if array.ndim not in dimensions or array.dtype.kind not in "fiub":
        raise ConfigError(
            f"{name} of shape {array.shape} and type {array.dtype} is not a matrix of numbers"
        )
    return array
