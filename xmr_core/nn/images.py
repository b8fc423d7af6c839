"""Bringing pictures to the size that a vision transformer takes."""

import math

import torch.nn.functional as F
from jaxtyping import Float
from torch import Tensor


def fit(
    images: Float[Tensor, "frames 3 height width"],
    size: tuple[int, int],
    mode: str,
    interpolation: str,
    fill: float = 0.0,
) -> Float[Tensor, "frames 3 input_height input_width"]:
    """Brings images to `size` (height, width) by open_clip's three rules, with antialiasing.

    Args:
        images: Values 0 to 1.
        size: Wanted height and width, pixels.
        mode: "squash" ignores the aspect ratio, "shortest" fills the size and crops the centre,
            "longest" fits inside and pads.
        interpolation: "bilinear"; anything else is bicubic.
        fill: Value of the padding.
    """
    height, width = images.shape[-2:]
    target = size
    if mode != "squash":
        pick = max if mode == "shortest" else min
        ratio = pick(size[0] / height, size[1] / width)
        # torchvision cuts the longer side to whole pixels; padding keeps it as nearly as it can.
        whole = math.floor if mode == "shortest" else round
        target = (max(1, whole(height * ratio + 1e-6)), max(1, whole(width * ratio + 1e-6)))
    method = interpolation if interpolation in ("bilinear", "bicubic") else "bicubic"
    images = F.interpolate(images, target, mode=method, antialias=True, align_corners=False)
    images = images.clamp(0, 1)
    if mode == "longest":
        pad_y, pad_x = size[0] - target[0], size[1] - target[1]
        edges = (pad_x // 2, pad_x - pad_x // 2, pad_y // 2, pad_y - pad_y // 2)
        return F.pad(images, edges, value=fill)
    top, left = (round((target[i] - size[i]) / 2) for i in (0, 1))
    return images[..., top : top + size[0], left : left + size[1]]
