"""Videos into the arrays that a gallery stores."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor

from xmr_core.encoder import VideoEncoder
from xmr_core.types import Video


@torch.inference_mode()
def encode_videos(encoder: VideoEncoder, videos: Sequence[Video]) -> dict[str, NDArray[Any]]:
    """Embeds videos as a gallery stores them, axis 0 = videos.

    "frames" are the trunk's features of the frames, unless the method has a part of this name: then
    those are "features"; a method whose frame features are as large as the video stores none.
    Frames that a short video lacks are zero and masked.
    """
    counts = [len(video.frames) for video in videos]
    same_size: dict[tuple[int, ...], list[int]] = {}
    for number, video in enumerate(videos):
        same_size.setdefault(video.frames.shape[1:], []).append(number)
    features: list[Tensor] = [torch.empty(0)] * len(videos)
    for numbers in same_size.values():
        together = np.concatenate([videos[number].frames for number in numbers])
        rows = encoder.frame_features(together)
        for number, part in zip(numbers, rows.split([counts[n] for n in numbers]), strict=True):
            features[number] = part
    return encode_features(encoder, features)


@torch.inference_mode()
def encode_features(
    encoder: VideoEncoder, features: Sequence[Float[Tensor, "frames d"]]
) -> dict[str, NDArray[Any]]:
    """Embeds videos whose frame features are known; see `encode_videos`.

    Args:
        encoder: Whose frame features they are.
        features: Of each video, at most `encoder.num_frames` frames.
    """
    padded = features[0].new_zeros(len(features), encoder.num_frames, features[0].shape[1])
    mask = torch.zeros(len(features), encoder.num_frames, dtype=torch.bool, device=padded.device)
    for number, part in enumerate(features):
        padded[number, : len(part)] = part
        mask[number, : len(part)] = True
    parts = dict(encoder.encode_video(padded, mask).parts)
    own = parts.get("frames")
    if not encoder.stores_frames:
        return {part: _stored(values) for part, values in parts.items()}
    if own is None:
        parts["frames"] = padded
    elif own.shape != padded.shape or not torch.equal(own, padded):
        parts["features"] = padded
    parts.setdefault("mask", mask)
    return {part: _stored(values) for part, values in parts.items()}


def _stored(values: Tensor) -> NDArray[Any]:
    """Vectors in float32, as they are searched; the many vectors of frames in float16."""
    if values.is_floating_point():
        values = values.half() if values.ndim > 2 else values.float()
    return values.cpu().numpy()
