"""Frames of a video or image file, sampled evenly, in the calling process.

A hostile file may crash a decoder and with it the process: a server uses `worker.MediaReader`.
"""

from pathlib import Path

from xmr_core.media import readers
from xmr_core.media.limits import MediaLimits, cannot_read
from xmr_core.media.sampling import centre_times, clip_stretch, shown_at
from xmr_core.types import Video


def sample_frames(
    path: Path,
    num_frames: int,
    *,
    start_s: float = 0.0,
    end_s: float | None = None,
    limits: MediaLimits = MediaLimits(),  # noqa: B008  it is frozen
    max_side: int | None = None,
) -> Video:
    """Reads at most `num_frames` pictures, evenly spaced in time.

    The stretch [start_s, end_s) is cut into `num_frames` equal segments; for the centre of each,
    the picture that a player shows then is taken, and each picture once. So a photograph, and a
    video of one picture, give one frame.

    Colours are RGB by the matrix and range that the file states (BT.601 where it states none, as
    FFmpeg does); HDR is not tone-mapped.

    A damaged file gives the frames that the whole file would give, or an error. What neither the
    container nor the codec notices (a flipped bit that still decodes) shows as a blemish.

    Args:
        path: A video, photograph or animated image; the content counts, not the name.
        num_frames: At least 1.
        start_s: Where to begin, in seconds on a player's clock; ignored for photographs.
        end_s: Where to end; None, or later than the end, means the end of the video.
        limits: What a file may cost. `timeout_s` and `max_memory_bytes` hold in workers only.
        max_side: Longer side of the frames in pixels, at most; None keeps the size.

    Returns:
        The frames with their presentation times.

    Raises:
        VideoUnavailableError: One sentence with the file's name and the reason.
        ValueError: An argument that no file could satisfy.
    """
    check_request(num_frames, start_s, end_s, max_side)
    limits.check_file(path)
    from xmr_core.media import stills

    try:
        picture = stills.open_picture(path, limits)
        if picture is not None:
            with picture:
                return stills.read_pictures(
                    path, picture, num_frames, start_s, end_s, limits, max_side
                )
        return _sample_video(path, num_frames, start_s, end_s, limits, max_side)
    except MemoryError as error:
        raise cannot_read(path, "its pictures do not fit into the memory allowed") from error


def check_request(
    num_frames: int, start_s: float, end_s: float | None, max_side: int | None
) -> None:
    """Raises `ValueError` for arguments that no file could satisfy."""
    if num_frames < 1:
        raise ValueError(f"num_frames must be at least 1, got {num_frames}")
    if max_side is not None and max_side < 1:
        raise ValueError(f"max_side must be at least 1, got {max_side}")
    if not 0 <= start_s < (float("inf") if end_s is None else end_s):
        raise ValueError(f"the stretch must run forward from 0 on, got [{start_s}, {end_s})")


def _sample_video(
    path: Path,
    num_frames: int,
    start_s: float,
    end_s: float | None,
    limits: MediaLimits,
    max_side: int | None,
) -> Video:
    from xmr_core.media.pixels import stack
    from xmr_core.media.timeline import known_timeline

    timeline = known_timeline(path, limits)
    start_s, end_s = clip_stretch(path, timeline.duration_s, start_s, end_s)
    wanted_s = centre_times(start_s, end_s, num_frames)
    if timeline.missing_after_s is not None and wanted_s[-1] >= timeline.missing_after_s:
        raise cannot_read(
            path,
            f"it is cut off or damaged after {timeline.missing_after_s:.2f} s "
            f"of {timeline.duration_s:.2f} s",
        )
    indices = shown_at(timeline.times_s, wanted_s)
    frames, decoder = readers.read_pictures(path, timeline, indices, limits, max_side)
    return Video(stack(frames), timeline.times_s[indices], end_s - start_s, decoder)
