"""Frame features that somebody computed before, by id, in the layouts that are published.

* a folder of `<id>.npy`, each (frames, d);
* webdataset shards with `<id>.npy` members, see `tar_shards`;
* `VisualSearch` features (`feature.bin`, `id.txt`, `shape.txt`), see `bigfile`;
* one array (items, frames, d), or (items, d) with a vector of each whole item, with a list of ids.
  Of this kind are the arrays of HMMC's public demo, `<language>_batch_frame_output_list.npy` and
  `..._visual_output_list.npy`, whose rows are in the order of the `test_list.txt` beside them.

Nothing says which model made such numbers.
"""

from collections.abc import Sequence
from pathlib import Path
from typing import Any, Protocol

from numpy.typing import NDArray

from xmr_core.datasets.bigfile import BigFile
from xmr_core.datasets.npy_file import map_npy, read_npy
from xmr_core.datasets.tar_shards import TarVectors
from xmr_core.datasets.text_files import read_words
from xmr_core.errors import DataError

ID_LISTS = ("ids.txt", "id.txt", "test_list.txt")
"""What a list of ids may be called, beside the array or one folder above it."""


class Vectors(Protocol):
    """Features by id.

    Attributes:
        name: How errors call them.
        is_of_frames: Whether an item's rows are frames; else there is one row, of the whole item.
    """

    name: str
    is_of_frames: bool

    def ids(self) -> tuple[str, ...]:
        """What there is."""
        ...

    def __contains__(self, item_id: str) -> bool: ...

    def read(self, item_id: str) -> NDArray[Any]:
        """Features of one item, shape (frames, d). Raises `DataError` if they are damaged."""
        ...


class FolderVectors:
    """A folder of `<id>.npy`, without its subfolders."""

    is_of_frames = True

    def __init__(self, folder: Path) -> None:
        self.name = folder.name
        self._paths = {path.stem: path for path in sorted(folder.glob("*.npy"))}

    def ids(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._paths)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._paths

    def read(self, item_id: str) -> NDArray[Any]:
        """Features of one item. Raises `DataError` if they are damaged."""
        path = self._paths[item_id]
        try:
            if not path.is_file():  # a pipe or a device would never end
                raise DataError(f"{path.name} is not a file.")
            with path.open("rb") as file:
                return read_npy(file, path.stat().st_size, path.name)
        except OSError as error:
            raise DataError(f"{path.name} cannot be read: {error.strerror}.") from error


class BigFileVectors:
    """`VisualSearch` features: many named rows of a video, or one row of a picture.

    Args:
        folder: With `feature.bin`.
        max_frames: NRCCR and MLCMR take the first so many frames of a video, so this does.
    """

    is_of_frames = True

    def __init__(self, folder: Path, max_frames: int | None) -> None:
        self.name = folder.name
        self._file = BigFile(folder)
        self._max_frames = max_frames
        numbered = all("_" in name for name in self._file.names)
        self._frames = self._file.frames if numbered else {}

    def ids(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._frames) or self._file.names

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._frames or item_id in self._file

    def read(self, item_id: str) -> NDArray[Any]:
        """Features of one item."""
        if item_id in self._frames:
            return self._file.video(item_id, self._max_frames)
        return self._file[[item_id]]


class ArrayVectors:
    """One array of all items.

    Args:
        path: Shape (items, frames, d) or (items, d).
        ids: The id of each row.

    Raises:
        DataError: The array has another number of dimensions, or of items than there are ids.
    """

    def __init__(self, path: Path, ids: Sequence[str]) -> None:
        self.name = path.name
        self._values = map_npy(path)
        shape = self._values.shape
        if len(shape) not in (2, 3):
            raise DataError(
                f"{path.name} has the shape {shape}; expected (items, frames, d) or (items, d)."
            )
        if len(ids) != shape[0]:
            raise DataError(f"{path.name} has {shape[0]:,} items and the list {len(ids):,} ids.")
        self.is_of_frames = len(shape) == 3
        self._rows = {item_id: row for row, item_id in enumerate(ids)}
        if len(self._rows) < len(ids):
            raise DataError(f"The list of ids for {path.name} has an id twice.")

    def ids(self) -> tuple[str, ...]:
        """What there is."""
        return tuple(self._rows)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._rows

    def read(self, item_id: str) -> NDArray[Any]:
        """Features of one item."""
        values = self._values[self._rows[item_id]]
        return values if self.is_of_frames else values[None]


def open_features(
    paths: Sequence[Path], *, ids: Path | None = None, max_frames: int | None = None
) -> tuple[Vectors, ...]:
    """Opens features; what each path is shows from its name and content.

    Args:
        paths: Folders, tar shards or arrays.
        ids: List of ids for arrays; by default the first of `ID_LISTS` that lies beside them.
        max_frames: Of `VisualSearch` features, the first so many frames of a video.

    Raises:
        DataError: A path is nothing of the kind, or an array has no list of ids.
    """
    opened: list[Vectors] = []
    for path in paths:
        if path.is_dir():
            opened.extend(_in_folder(path, max_frames))
        elif path.suffix == ".tar":
            opened.append(TarVectors(path))
        elif path.suffix == ".npy":
            opened.append(ArrayVectors(path, read_words(ids or _id_list(path))))
        else:
            raise DataError(
                f"{path} holds no features: give a folder of .npy files, .tar shards, a folder "
                "with feature.bin, or one .npy array with a list of ids."
            )
    return tuple(opened)


def _in_folder(folder: Path, max_frames: int | None) -> list[Vectors]:
    if (folder / "feature.bin").exists():
        return [BigFileVectors(folder, max_frames)]
    shards = sorted(folder.glob("*.tar"))
    if shards:
        return [TarVectors(shard) for shard in shards]
    vectors = FolderVectors(folder)
    if not vectors.ids():
        raise DataError(f"{folder} holds neither .npy files, nor .tar shards, nor feature.bin.")
    return [vectors]


def _id_list(path: Path) -> Path:
    """The list that belongs to an array.

    Raises:
        DataError: There is none: the order of the annotation may be another one.
    """
    if not path.is_file():
        raise DataError(f"There is no file {path}.")
    for folder in (path.resolve().parent, path.resolve().parent.parent):
        for name in ID_LISTS:
            if (folder / name).is_file():
                return folder / name
    raise DataError(
        f"{path.name} is one array, and nothing says which row is which item. Give the list of "
        f"ids with --ids, or put it beside the array as {' or '.join(ID_LISTS)}."
    )
