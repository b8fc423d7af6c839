"""Features in shards of the webdataset layout: plain tar files with `<id>.npy` members.

Nothing is unpacked to the disk and no name leads anywhere: the headers are read once, and from
then on an id is a place in the file.
"""

import tarfile
from pathlib import Path, PurePosixPath
from typing import BinaryIO, cast

from numpy.typing import NDArray

from xmr_core.datasets.npy_file import read_npy
from xmr_core.errors import DataError

MAX_MEMBERS = 200_000
"""Of one shard; `tarfile` keeps about a kilobyte for each."""
_LONGEST_HEADER = 1 << 20
"""Long names and their like; `tarfile` would read whatever length a header announces."""


class TarVectors:
    """Frame features in one shard; members that are no `.npy` files are passed over.

    A member's id is its file name without folders and ending. Of two with one id the first counts.

    Args:
        path: The shard; not compressed.

    Attributes:
        name: How errors call it.
        is_of_frames: Always: a row of a member is a frame.

    Raises:
        DataError: It is no plain tar file, is damaged, or has too many members.
    """

    is_of_frames = True

    def __init__(self, path: Path) -> None:
        self.name = path.name
        self._path = path
        self._places: dict[str, tuple[int, int]] = {}
        try:
            with path.open("rb") as file:
                bounded = cast("BinaryIO", _Bounded(file))
                with tarfile.open(fileobj=bounded, mode="r:") as archive:
                    self._note_members(archive)
        except (OSError, tarfile.TarError, EOFError, ValueError) as error:
            raise DataError(
                f"{path} cannot be read as a plain tar file: {error}. Unpack `.gz` shards first."
            ) from error

    def _note_members(self, archive: tarfile.TarFile) -> None:
        for number, member in enumerate(archive, 1):
            if number > MAX_MEMBERS:
                raise DataError(f"{self._path} has more than {MAX_MEMBERS:,} members.")
            name = PurePosixPath(member.name)
            if member.isreg() and not member.issparse() and name.suffix == ".npy":
                self._places.setdefault(name.stem, (member.offset_data, member.size))

    def ids(self) -> tuple[str, ...]:
        """Ids of all members that hold features."""
        return tuple(self._places)

    def __contains__(self, item_id: str) -> bool:
        return item_id in self._places

    def read(self, item_id: str) -> NDArray:
        """The frame features of an item.

        Raises:
            DataError: They are damaged.
        """
        begin, size = self._places[item_id]
        try:
            with self._path.open("rb") as file:
                file.seek(begin)
                return read_npy(file, size, f"{item_id}.npy in {self.name}")
        except OSError as error:
            raise DataError(f"{self._path} cannot be read: {error}.") from error


class _Bounded:
    """A file that reads no more at once than a tar header may have."""

    def __init__(self, file: BinaryIO) -> None:
        self._file = file
        self.seek, self.tell = file.seek, file.tell

    def read(self, size: int = -1) -> bytes:
        """As of a file."""
        if not 0 <= size <= _LONGEST_HEADER:
            raise tarfile.ReadError(f"a header of {size:,} bytes")
        return self._file.read(size)
