"""NumPy files of numbers from strangers: read without pickle, without trusting the header."""

import io
import math
import tokenize
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any, BinaryIO

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from xmr_core.errors import DataError

MAX_ITEM_BYTES = 1 << 28
"""More than the frame features of any one video."""

_HEADER_BYTES = 1 << 14
_NOT_OURS = (
    ValueError,
    KeyError,
    SyntaxError,
    TypeError,
    RecursionError,
    MemoryError,
    tokenize.TokenError,
)
_HEADERS: dict[tuple[int, int], Callable[..., Any]] = {
    (1, 0): npy.read_array_header_1_0,
    (2, 0): npy.read_array_header_2_0,
}


@dataclass(frozen=True, slots=True)
class NpyHeader:
    """What the beginning of a file announces; checked against the size of the file.

    Attributes:
        shape: Of the array.
        dtype: Floating point, of 2, 4 or 8 bytes.
        by_columns: Whether the first index runs fastest.
        begin: Where the numbers begin, in bytes.
    """

    shape: tuple[int, ...]
    dtype: np.dtype[Any]
    by_columns: bool
    begin: int


def read_npy(file: BinaryIO, size: int, name: str) -> NDArray[Any]:
    """Reads one array that begins at the file's position and takes `size` bytes.

    Args:
        file: Open for reading.
        size: Of the whole `.npy` content.
        name: How errors call it.

    Raises:
        DataError: It is no array of floating point numbers, or it has another size than its
            header says, or is larger than `MAX_ITEM_BYTES`.
    """
    if size > MAX_ITEM_BYTES:
        raise DataError(f"{name} has {size:,} bytes; the limit is {MAX_ITEM_BYTES:,}.")
    content = file.read(size)
    header = _parsed(content[:_HEADER_BYTES], len(content), name)
    values = np.frombuffer(content, header.dtype, offset=header.begin)
    return values.reshape(header.shape, order="F" if header.by_columns else "C")


def map_npy(path: Path) -> NDArray[Any]:
    """An array whose rows are read from the disk when they are asked for.

    Raises:
        DataError: As of `read_npy`, without the limit.
    """
    try:
        with path.open("rb") as file:
            size = path.stat().st_size
            header = _parsed(file.read(_HEADER_BYTES), size, str(path))
        order = "F" if header.by_columns else "C"
        mapped = np.memmap(path, header.dtype, "r", header.begin, header.shape, order)
    except (OSError, ValueError) as error:
        raise DataError(f"{path} cannot be read: {error}.") from error
    return mapped


def _parsed(start: bytes, size: int, name: str) -> NpyHeader:
    """The header in the first bytes of a file of `size` bytes."""
    file = io.BytesIO(start)
    try:
        read = _HEADERS[npy.read_magic(file)]
        shape, by_columns, dtype = read(file, max_header_size=_HEADER_BYTES)
    except _NOT_OURS as error:
        raise DataError(f"{name} is not a NumPy file of numbers.") from error
    if dtype.kind != "f" or dtype.itemsize not in (2, 4, 8):
        raise DataError(f"{name} holds {str(dtype)[:40]}, not floating point numbers.")
    if any(not isinstance(side, int) or side < 0 for side in shape):
        raise DataError(f"{name} is not a NumPy file of numbers.")
    needed = file.tell() + dtype.itemsize * math.prod(shape)
    if size != needed:
        raise DataError(f"{name} has {size:,} bytes; its header announces {needed:,}.")
    if not math.prod(shape):
        raise DataError(f"{name} is empty.")
    return NpyHeader(shape, dtype, by_columns, file.tell())
