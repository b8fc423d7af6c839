"""Reads pictures with decord (the maintained `decord2`), where its counting can be trusted."""

import os
import sys
from importlib import import_module
from pathlib import Path
from types import ModuleType
from typing import Any, cast

import numpy as np
from numpy.typing import NDArray

from xmr_core.media.pixels import shrink
from xmr_core.media.timeline import SEEKABLE, Timeline

_ABSENT = object()
_MIN_WIDTH = 128
_MAX_PIXELS = 4096 * 2304
"""Above it decord takes about ten times the memory and four times the time of PyAV."""


class DecordDisagreesError(Exception):
    """decord counts the pictures of a file otherwise than the file does."""


def load() -> ModuleType:
    """Imports decord, without the CUDA libraries that it would load to decode on the CPU.

    It loads every one that pip brought along, as torch's usual wheels do: 0.5 GB and a second for
    each process that decodes.
    """
    if "decord" not in sys.modules:
        hidden = sys.modules.get("nvidia", _ABSENT)
        sys.modules["nvidia"] = None  # type: ignore[assignment]  # `find_spec` then finds nothing
        try:
            import_module("decord")
        finally:
            del sys.modules["nvidia"]
            if hidden is not _ABSENT:
                sys.modules["nvidia"] = cast(ModuleType, hidden)
    return sys.modules["decord"]


def is_trusted(timeline: Timeline) -> bool:
    """Whether decord is known to give the right pictures for such a file.

    It finds a picture by counting from a key picture, which is wrong by many pictures where the
    container has no index, where pictures refer across a key picture (usual in HEVC and AV1), and
    with codecs that decode more or fewer pictures than there are packets. It turns pictures but
    does not mirror them, and it misreads the padded rows of very narrow ones.
    """
    return (
        timeline.container in SEEKABLE
        and timeline.codec in {"h264", "vp8", "vp9"}
        and timeline.closed
        and timeline.num_streams == 1
        and timeline.width >= _MIN_WIDTH
        and timeline.width * timeline.height <= _MAX_PIXELS
        and not _is_mirrored(timeline.matrix)
    )


def read_pictures(
    path: Path, timeline: Timeline, indices: NDArray[np.intp], max_side: int | None
) -> list[NDArray[np.uint8]]:
    """Decodes the pictures at some places of the timeline.

    Args:
        path: The file that the timeline describes.
        timeline: When each picture is shown.
        indices: Rising places in it.
        max_side: Longer side of the result in pixels, or None.

    Returns:
        For each index a picture, RGB, (height, width, 3).

    Raises:
        DecordDisagreesError: decord sees other pictures in the file than the timeline.
        decord.DECORDError: Damage, as decord reports it.
    """
    decord = load()
    decord.logging.set_level(decord.logging.QUIET)
    # By default decord repeats a neighbour for a picture that it cannot decode.
    reader = decord.VideoReader(
        str(path), num_threads=min(4, os.cpu_count() or 1), fault_tol=cast(Any, 1e-9)
    )
    own_times_s = reader.get_frame_timestamp(range(len(reader)))[:, 0]
    times_s = timeline.times_s - timeline.times_s[0]
    # decord keeps single precision: 0.25 ms after an hour.
    if len(own_times_s) != len(times_s) or not np.allclose(own_times_s, times_s, atol=1e-3):
        raise DecordDisagreesError
    return [shrink(reader[int(index)].asnumpy(), max_side) for index in indices]


def _is_mirrored(matrix: tuple[int, ...] | None) -> bool:
    if matrix is None:
        return False
    a, b, _, c, d, _ = matrix[:6]
    return a * d - b * c < 0
