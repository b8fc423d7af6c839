"""The one place that decides who decodes a video.

decord2 is the default. PyAV reads where decord2 is not installed, where it is known to give wrong
pictures, and as a second opinion where it fails: so damage is reported by the reader that proves
every picture by its presentation time.
"""

from importlib import import_module
from importlib.metadata import PackageNotFoundError, version
from importlib.util import find_spec
from pathlib import Path
from typing import TYPE_CHECKING

import numpy as np
from numpy.typing import NDArray

from xmr_core.media.limits import MediaLimits

if TYPE_CHECKING:
    from xmr_core.media.timeline import Timeline


def decoder_in_use() -> str:
    """Which video readers are installed, for people: "decord2 3.4.0, PyAV 18.1.0"."""
    names = (("decord2", "decord2"), ("av", "PyAV"))
    return ", ".join(f"{name} {number}" for key, name in names if (number := _version(key)))


def load_decoders() -> None:
    """Imports all readers now, so that the first file does not pay for it."""
    for name in ("decord_reader", "pyav_reader", "stills"):
        import_module(f"xmr_core.media.{name}")
    if find_spec("decord") is not None:
        import_module("xmr_core.media.decord_reader").load()


def read_pictures(
    path: Path,
    timeline: "Timeline",
    indices: NDArray[np.intp],
    limits: MediaLimits,
    max_side: int | None,
) -> tuple[list[NDArray[np.uint8]], str]:
    """Decodes the pictures at rising places of the timeline.

    Returns:
        The pictures, RGB, (height, width, 3), and the name of the reader.

    Raises:
        VideoUnavailableError: A wanted picture cannot be decoded without damage.
    """
    from xmr_core.media import decord_reader, pyav_reader

    starts = pyav_reader.access_points(timeline, indices)
    limits.check_work(path, pyav_reader.count_decoded(starts, indices))
    if find_spec("decord") is not None and decord_reader.is_trusted(timeline):
        try:
            return decord_reader.read_pictures(path, timeline, indices, max_side), "decord2"
        except Exception:  # whatever it is (decord raises many kinds), PyAV's word counts
            pass
    return pyav_reader.read_pictures(path, timeline, indices, limits, max_side), "pyav"


def _version(distribution: str) -> str | None:
    try:
        return version(distribution)
    except PackageNotFoundError:
        return None
