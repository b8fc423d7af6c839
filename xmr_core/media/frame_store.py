"""Frame stores in the layout that HMMC publishes: an LMDB folder of JPEG files.

    <store>/data.mdb       key "<video id>_<k>" (UTF-8, k from 0 without leading zeros), value JPEG
    <store>/metadata.json  {"length": number of videos}

Stores made by the public script are read as they are, and what is written here is read by it.
"""

import io
import json
import os
from collections import Counter
from collections.abc import Iterable, Sequence
from functools import cached_property
from pathlib import Path
from types import TracebackType
from typing import Any, Self

import numpy as np
from jaxtyping import UInt8
from numpy.typing import NDArray

from xmr_core.errors import DataError
from xmr_core.media.limits import MediaLimits
from xmr_core.media.lmdb_file import LmdbFile

METADATA = "metadata.json"
DATA = "data.mdb"

_LONGEST_KEY = 511  # of LMDB
_LONGEST_POOL = 1024
_COMMIT_BYTES = 1 << 26
_FIRST_MAP_BYTES = 1 << 26


def frame_key(video_id: str, place: int) -> bytes:
    """Under which name a store keeps a frame."""
    return f"{video_id}_{place}".encode()


class FrameStore:
    """A store for reading. Safe to share between threads and with forked or spawned processes.

    Args:
        folder: The folder with `data.mdb`.
        limits: Largest picture and largest file of one frame.

    Raises:
        DataError: There is no LMDB file, or it is cut off.
    """

    def __init__(self, folder: Path, limits: MediaLimits = MediaLimits()) -> None:  # noqa: B008
        self.folder = folder
        self._limits = limits
        self._file = LmdbFile(folder / DATA, max_value_bytes=min(limits.max_bytes, 1 << 28))

    def __reduce__(self) -> tuple[Any, ...]:
        return type(self), (self.folder, self._limits)

    def __contains__(self, video_id: str) -> bool:
        return self._file.get(frame_key(video_id, 0)) is not None

    @cached_property
    def pools(self) -> dict[str, int]:
        """Number of frames of every video, by id; reads all keys, so it takes a while at first.

        Keys that are not "<id>_<k>" are no frames and are left out.

        Raises:
            DataError: The file is damaged.
        """
        counts: Counter[str] = Counter()
        for key in self._file.keys():
            video_id, _, place = key.decode("utf-8", "replace").rpartition("_")
            if video_id and place.isascii() and place.isdigit():
                counts[video_id] += 1
        return dict(counts)

    def pool(self, video_id: str) -> int:
        """Number of frames of one video, 0 if it is not there."""
        places = range(_LONGEST_POOL)
        return next(
            (k for k in places if self._file.get(frame_key(video_id, k)) is None), _LONGEST_POOL
        )

    def jpeg(self, video_id: str, place: int) -> bytes:
        """One frame as it is stored.

        Raises:
            DataError: It is not there, or the file is damaged.
        """
        value = self._file.get(frame_key(video_id, place))
        if value is None:
            raise DataError(
                f"The frame store {self.folder.name} has no frame {place} of '{video_id}'."
            )
        return value

    def read(
        self, video_id: str, places: Iterable[int], *, max_side: int | None = None
    ) -> UInt8[np.ndarray, "frames height width 3"]:
        """Decodes frames of a video.

        Args:
            video_id: Which video.
            places: Which of its frames; see `frame_pool.choose_frames`.
            max_side: Longer side in pixels, at most; None keeps the size.

        Returns:
            RGB, 0 to 255.

        Raises:
            DataError: A frame is missing, damaged, too large, or of another size than the first.
        """
        decoded: dict[int, NDArray[np.uint8]] = {}  # a place may be wanted twice
        wanted = list(places)
        for place in wanted:
            if place not in decoded:
                decoded[place] = self._decoded(video_id, place, max_side)
        if len({frame.shape for frame in decoded.values()}) != 1:
            raise DataError(f"The frames of '{video_id}' in {self.folder.name} differ in size.")
        return np.stack([decoded[place] for place in wanted])

    def close(self) -> None:
        """Lets the file go."""
        self._file.close()

    def __enter__(self) -> Self:
        return self

    def __exit__(self, *_: object) -> None:
        self.close()

    def _decoded(self, video_id: str, place: int, max_side: int | None) -> NDArray[np.uint8]:
        from PIL import Image

        from xmr_core.media.pixels import shrink

        name = f"Frame {place} of '{video_id}' in {self.folder.name}"
        try:
            with Image.open(io.BytesIO(self.jpeg(video_id, place)), formats=("JPEG",)) as picture:
                width, height = picture.size
                if width * height > self._limits.max_pixels:
                    raise DataError(f"{name} is too large: {width} x {height} pixels.")
                return shrink(np.asarray(picture.convert("RGB")), max_side)
        except DataError:
            raise
        except Exception as error:  # Pillow raises many kinds on hostile files
            raise DataError(f"{name} is no JPEG picture, or a damaged one.") from error


class FrameStoreWriter:
    """Writes a store; frames arrive on the disk with `commit` or at the end of the `with` block.

    Args:
        folder: Made if it is missing; a store that is there is added to.

    Raises:
        DataError: The folder is no store that can be written to.
    """

    def __init__(self, folder: Path) -> None:
        import lmdb

        folder.mkdir(parents=True, exist_ok=True)
        if (folder / DATA).exists():
            LmdbFile(folder / DATA).close()  # the library would crash on a damaged file
        self.folder = folder
        self._full = lmdb.MapFullError
        self._pending: list[tuple[bytes, bytes | None]] = []
        self._pending_bytes = 0
        try:
            # The library adopts the size of a file that is larger than this.
            self._environment = lmdb.open(str(folder), map_size=_FIRST_MAP_BYTES, meminit=False)
        except lmdb.Error as error:
            raise DataError(f"{folder} cannot be written to as an LMDB store: {error}.") from error

    def add(self, video_id: str, jpegs: Sequence[bytes]) -> None:
        """Puts the frames of one video in their places; frames that are there are replaced.

        Raises:
            DataError: The id is empty or too long for a key.
        """
        keys = [frame_key(video_id, place) for place in range(len(jpegs))]
        if not video_id or max((len(key) for key in keys), default=0) > _LONGEST_KEY:
            raise DataError(
                f"The video id '{video_id[:80]}' has {len(video_id):,} letters; a frame store "
                f"takes 1 to about {_LONGEST_KEY - 4}."
            )
        self._pending.extend(zip(keys, jpegs, strict=True))
        self._pending_bytes += sum(len(jpeg) for jpeg in jpegs)
        if self._pending_bytes >= _COMMIT_BYTES:
            self.commit()

    def remove(self, video_id: str, pool: int) -> None:
        """Takes out the frames 0 to `pool` - 1 of a video, as far as they are there."""
        self._pending.extend((frame_key(video_id, place), None) for place in range(pool))

    def commit(self) -> None:
        """Writes everything so far, all of it or nothing, and waits for the disk."""
        while True:
            try:
                with self._environment.begin(write=True) as transaction:
                    for key, value in self._pending:
                        if value is None:
                            transaction.delete(key)
                        else:
                            transaction.put(key, value)
            except self._full:
                # Room is set aside in advance only in numbers, not on the disk.
                self._environment.set_mapsize(2 * self._environment.info()["map_size"])
            else:
                self._pending, self._pending_bytes = [], 0
                return

    def finish(self, num_videos: int) -> None:
        """Commits and writes `metadata.json`."""
        self.commit()
        draft = self.folder / f".{METADATA}.{os.getpid()}.tmp"
        draft.write_text(json.dumps({"length": num_videos}), encoding="utf-8")
        draft.replace(self.folder / METADATA)

    def __enter__(self) -> Self:
        return self

    def __exit__(
        self,
        kind: type[BaseException] | None,
        error: BaseException | None,
        trace: TracebackType | None,
    ) -> None:
        try:
            if kind is None:
                self.commit()
        finally:
            self._environment.close()
