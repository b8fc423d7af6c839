"""What a file may cost before it is refused, and the sentence that refuses it."""

from dataclasses import dataclass, fields
from pathlib import Path

from xmr_core.errors import ConfigError, VideoUnavailableError

MAX_SIDE = 640
"""Longer side of the frames that models get: more than any encoder looks at."""


@dataclass(frozen=True, slots=True)
class MediaLimits:
    """Bounds on one file. All must be positive.

    Attributes:
        max_duration_s: Longest video.
        max_pixels: Largest picture, width times height; checked before anything is decoded.
        max_bytes: Largest file.
        max_decoded_frames: Most pictures that may be decoded to reach the wanted ones: a video
            with few key frames needs many.
        max_memory_bytes: Most memory that a worker process may take, where the system can
            enforce it (Linux).
        timeout_s: Longest time that a worker process may spend on one file.
    """

    max_duration_s: float = 3600.0
    max_pixels: int = 8192 * 4320
    max_bytes: int = 2_000_000_000
    max_decoded_frames: int = 20_000
    max_memory_bytes: int = 4_000_000_000
    timeout_s: float = 30.0

    def __post_init__(self) -> None:
        """Refuses values that no file could meet.

        Raises:
            ConfigError: A limit is not a positive number.
        """
        for field in fields(self):
            value = getattr(self, field.name)
            if not value > 0:
                raise ConfigError(f"{field.name} must be positive, got {value}.")

    def check_file(self, path: Path) -> None:
        """Looks at the file from outside.

        Raises:
            VideoUnavailableError: It is not there, not a file, empty or too large.
        """
        try:
            size_bytes = path.stat().st_size
        except (OSError, ValueError) as error:  # ValueError: a null byte in the name
            raise cannot_read(path, "there is no such file") from error
        if not path.is_file():
            raise cannot_read(path, "it is not a file")
        if size_bytes == 0:
            raise cannot_read(path, "the file is empty (0 bytes)")
        if size_bytes > self.max_bytes:
            raise cannot_read(
                path, f"it has {size_bytes:,} bytes and the limit is {self.max_bytes:,}"
            )

    def check_picture(self, path: Path, width: int, height: int) -> None:
        """Raises `VideoUnavailableError` if a picture of this size is empty or too large."""
        if width <= 0 or height <= 0:
            raise cannot_read(path, "its pictures have no size")
        if width * height > self.max_pixels:
            raise cannot_read(
                path,
                f"its pictures are {width} x {height} pixels and the limit is "
                f"{self.max_pixels:,} in all",
            )

    def check_duration(self, path: Path, duration_s: float) -> None:
        """Raises `VideoUnavailableError` if the video is too long."""
        if duration_s > self.max_duration_s:
            raise cannot_read(
                path,
                f"it lasts {duration_s:,.0f} s and the limit is {self.max_duration_s:,.0f} s",
            )

    def check_work(self, path: Path, num_decoded: int) -> None:
        """Raises `VideoUnavailableError` if too many pictures would have to be decoded."""
        if num_decoded > self.max_decoded_frames:
            raise cannot_read(
                path,
                f"{num_decoded:,} pictures would have to be decoded to reach the wanted ones "
                f"and the limit is {self.max_decoded_frames:,}",
            )


def cannot_read(path: Path, reason: str) -> VideoUnavailableError:
    """The one sentence about a file that cannot be used; `reason` is a clause."""
    name = path.name.encode("utf-8", "backslashreplace").decode()
    name = "".join(letter if letter.isprintable() else "?" for letter in name)
    return VideoUnavailableError(f"'{name}' cannot be read: {reason}.")
