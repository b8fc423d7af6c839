"""Frames as the 3D network wants them."""

import torch.nn.functional as F
from jaxtyping import Float, UInt8
from torch import Tensor

from xmr_core.methods.triplet.config import PictureConfig


def preprocess(
    images: UInt8[Tensor, "frames 3 height width"], config: PictureConfig
) -> Float[Tensor, "frames 3 crop_height crop_width"]:
    """Resizes (antialiased), cuts out the centre and normalises."""
    height, width = images.shape[-2:]
    size = (config.resize_height, config.resize_width)
    if config.keep_aspect:
        ratio = max(size[0] / height, size[1] / width)
        size = (max(size[0], round(height * ratio)), max(size[1], round(width * ratio)))
    pictures = images.float()
    if size != (height, width):
        pictures = F.interpolate(pictures, size, mode="bilinear", antialias=True)
    top, left = (size[0] - config.crop_height) // 2, (size[1] - config.crop_width) // 2
    cut = pictures[..., top : top + config.crop_height, left : left + config.crop_width]
    return normalised(cut, config)


def normalised(
    pictures: Float[Tensor, "frames 3 height width"], config: PictureConfig
) -> Float[Tensor, "frames 3 height width"]:
    """Values 0 to 255 as the network wants them."""
    mean, std = (pictures.new_tensor(v).view(3, 1, 1) for v in (config.mean, config.std))
    return (pictures * (config.white / 255) - mean) / std
