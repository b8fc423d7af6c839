"""Reads photographs and animated pictures with Pillow."""

from pathlib import Path
from typing import cast

import numpy as np
from numpy.typing import NDArray
from PIL import Image, ImageFile, ImageOps, UnidentifiedImageError

from xmr_core.errors import XmrError
from xmr_core.media.limits import MediaLimits, cannot_read
from xmr_core.media.pixels import shrink, stack
from xmr_core.media.sampling import centre_times, clip_stretch, shown_at
from xmr_core.types import Video

_FORMATS = ("JPEG", "PNG", "GIF", "WEBP", "BMP", "TIFF", "AVIF")
_ANIMATED = {"GIF", "PNG", "WEBP", "AVIF"}
_SHORTEST_S = 0.02
"""Browsers show a picture that asks for less (often 0) for `_USUAL_S`."""
_USUAL_S = 0.1


def open_picture(path: Path, limits: MediaLimits) -> ImageFile.ImageFile | None:
    """Opens an image file by its content; None if it is none.

    Raises:
        VideoUnavailableError: It is an image, and too large.
    """
    try:
        picture = Image.open(path, formats=_FORMATS)
    except (Image.DecompressionBombError, Image.DecompressionBombWarning) as error:
        raise cannot_read(path, "its picture is far larger than any screen") from error
    except UnidentifiedImageError:
        return None
    except Exception as error:  # Pillow raises many kinds on hostile files
        raise cannot_read(path, "it is a damaged image") from error
    try:
        limits.check_picture(path, *picture.size)
    except Exception:
        picture.close()
        raise
    return cast("ImageFile.ImageFile", picture)


def read_pictures(
    path: Path,
    picture: ImageFile.ImageFile,
    num_frames: int,
    start_s: float,
    end_s: float | None,
    limits: MediaLimits,
    max_side: int | None,
) -> Video:
    """Makes a video of an open image: one frame of a photograph, samples of an animation.

    Raises:
        VideoUnavailableError: The image is damaged or too long.
    """
    try:
        if picture.format in _ANIMATED and getattr(picture, "n_frames", 1) > 1:
            return _read_animation(path, picture, num_frames, start_s, end_s, limits, max_side)
        return Video(shrink(to_rgb(picture), max_side)[None], np.zeros(1), 0.0, "pillow")
    except XmrError:
        raise
    except Exception as error:  # Pillow raises many kinds on hostile files
        raise cannot_read(path, "it is a damaged image") from error


def to_rgb(picture: Image.Image) -> NDArray[np.uint8]:
    """A picture as people see it: turned as its camera says, and on white where transparent.

    Returns:
        RGB, shape (height, width, 3).
    """
    if picture.mode.startswith("I;16"):  # Pillow's own conversion would clip to white
        picture = Image.fromarray((np.asarray(picture, np.uint16) >> 8).astype(np.uint8))
    picture = ImageOps.exif_transpose(picture)
    if picture.has_transparency_data:
        seen = picture.convert("RGBA")
        picture = Image.alpha_composite(Image.new("RGBA", seen.size, "white"), seen)
    return np.asarray(picture.convert("RGB"))


def _read_animation(
    path: Path,
    picture: ImageFile.ImageFile,
    num_frames: int,
    start_s: float,
    end_s: float | None,
    limits: MediaLimits,
    max_side: int | None,
) -> Video:
    count: int = getattr(picture, "n_frames", 1)
    limits.check_work(path, count)
    lengths_s = np.array([_length_s(picture, i) for i in range(count)])
    duration_s = float(lengths_s.sum())
    limits.check_duration(path, duration_s)
    start_s, end_s = clip_stretch(path, duration_s, start_s, end_s)
    times_s = np.cumsum(lengths_s) - lengths_s
    indices = shown_at(times_s, centre_times(start_s, end_s, num_frames))
    frames: list[NDArray[np.uint8]] = []
    for index in indices.tolist():
        picture.seek(index)
        frames.append(shrink(to_rgb(picture), max_side))
    return Video(stack(frames), times_s[indices], end_s - start_s, "pillow")


def _length_s(picture: ImageFile.ImageFile, index: int) -> float:
    """How long one picture of an animation stays."""
    picture.seek(index)
    if picture.format == "WEBP":
        picture.load()  # only then does Pillow know it
    length_s = float(picture.info.get("duration", 0)) / 1000
    return length_s if length_s >= _SHORTEST_S else _USUAL_S
