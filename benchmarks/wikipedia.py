"""The Wikipedia cross-modal set as its authors publish it: features in a `.mat`, classes in lists.

Rasiwasia et al., "A New Approach to Cross-Modal Multimedia Retrieval", ACM MM 2010.
"""

import struct
import zlib
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from numpy.typing import NDArray

MI_DOUBLE, MI_MATRIX, MI_COMPRESSED = 9, 14, 15


@dataclass(frozen=True, slots=True)
class Wikipedia:
    """Images (128 numbers) and texts (10 numbers) of 2,173 training and 693 test pairs.

    Attributes:
        train: Image and text features, shape (items, width) each.
        test: The same for the queries.
        train_labels: Class of each pair, 0 to 9.
        test_labels: The same for the queries.
    """

    train: tuple[NDArray[np.float64], NDArray[np.float64]]
    test: tuple[NDArray[np.float64], NDArray[np.float64]]
    train_labels: NDArray[np.int64]
    test_labels: NDArray[np.int64]


def read_wikipedia(folder: Path) -> Wikipedia:
    """Reads `raw_features.mat` and the two lists."""
    arrays = read_mat(folder / "raw_features.mat")
    return Wikipedia(
        (arrays["I_tr"], arrays["T_tr"]),
        (arrays["I_te"], arrays["T_te"]),
        _classes(folder / "trainset_txt_img_cat.list"),
        _classes(folder / "testset_txt_img_cat.list"),
    )


def read_mat(path: Path) -> dict[str, NDArray[np.float64]]:
    """Real double matrices of a little-endian MATLAB 5 file by name; the rest is left out."""
    data = path.read_bytes()
    if data[126:128] != b"IM":
        raise ValueError(f"{path} is not a little-endian MATLAB 5 file")
    arrays: dict[str, NDArray[np.float64]] = {}
    for kind, body in _elements(data, 128):
        if kind == MI_COMPRESSED:
            kind, body = next(_elements(zlib.decompress(body), 0))
        if kind != MI_MATRIX:
            continue
        _, (_, shape), (_, name), (stored, values), *_ = _elements(body, 0)
        if stored == MI_DOUBLE:
            rows_columns = struct.unpack("<2i", shape)
            matrix = np.frombuffer(values, dtype="<f8").reshape(rows_columns, order="F")
            arrays[name.decode("ascii")] = matrix
    return arrays


def _elements(data: bytes, offset: int):
    """Type and bytes of each data element; a small one packs its size into the tag."""
    while offset + 8 <= len(data):
        kind, size = struct.unpack_from("<II", data, offset)
        if kind >> 16:
            yield kind & 0xFFFF, data[offset + 4 : offset + 4 + (kind >> 16)]
            offset += 8
            continue
        yield kind, data[offset + 8 : offset + 8 + size]
        padding = 0 if kind == MI_COMPRESSED else -size % 8
        offset += 8 + size + padding


def _classes(path: Path) -> NDArray[np.int64]:
    lines = path.read_text(encoding="ascii").splitlines()
    return np.array([int(line.split("\t")[2]) for line in lines]) - 1
