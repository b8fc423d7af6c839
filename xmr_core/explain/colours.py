"""Colours of the figures: a warm ramp for maps and a two-sided scale for effects."""

import numpy as np
from jaxtyping import Float, UInt8
from PIL import Image

Colour = tuple[int, int, int]

PAPER: Colour = (255, 255, 255)
INK: Colour = (28, 32, 44)
MUTED: Colour = (104, 112, 130)
FAINT: Colour = (228, 231, 238)
FOR: Colour = (214, 73, 28)
AGAINST: Colour = (38, 108, 190)

# Dark violet, magenta, orange, pale yellow; brightness rises evenly, so grey prints keep the order.
_RAMP = np.array(
    [(20, 11, 52), (98, 25, 110), (178, 50, 90), (236, 105, 37), (250, 178, 48), (250, 250, 190)],
    float,
)
_STRONGEST_COVER = 0.78


def ramp(values: Float[np.ndarray, "*shape"]) -> Float[np.ndarray, "*shape 3"]:
    """Colours, 0 to 255, for values from 0 to 1."""
    stops = np.linspace(0, 1, len(_RAMP))
    return np.stack([np.interp(values, stops, _RAMP[:, c]) for c in range(3)], -1)


def two_sided(share: float) -> Colour:
    """White at 0, warm up to 1, cool down to -1."""
    target = np.array(FOR if share > 0 else AGAINST, float)
    strength = min(abs(share), 1.0) * 0.9
    red, green, blue = np.rint(255 + (target - 255) * strength).astype(int).tolist()
    return red, green, blue


def heat_overlay(
    frame: UInt8[np.ndarray, "height width 3"],
    patch_map: Float[np.ndarray, "rows columns"],
    size: tuple[int, int],
) -> Image.Image:
    """The frame at `size` (width, height) with the map over it, more covered where it is stronger.

    The frame fades a little where the map is low, so that bright scenery does not look like heat.
    """
    picture = np.asarray(Image.fromarray(frame).resize(size, Image.Resampling.LANCZOS), float)
    smooth = Image.fromarray(patch_map.astype(np.float32)).resize(size, Image.Resampling.BICUBIC)
    strength = np.asarray(smooth).clip(0, 1)
    grey = picture.mean(-1, keepdims=True)
    calm = 0.55 * picture + 0.25 * grey + 18
    cover = (_STRONGEST_COVER * strength**0.9)[..., None]
    mixed = calm * (1 - cover) + ramp(strength) * cover
    return Image.fromarray(mixed.clip(0, 255).astype(np.uint8))
