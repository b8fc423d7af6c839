"""What happens to the score when patches are hidden: the check on any patch map.

No gradient and no assumption about the model: patches of the preprocessed image are painted grey
(0, which is the mean colour of the model's training images) and the frames are scored again.
"""

from dataclasses import dataclass

import torch
from jaxtyping import Bool, Float
from torch import Tensor
from torch.nn import functional as F

from xmr_core.encoder import Embeddings
from xmr_core.explain.gradeclip import PatchEncoder

_IMAGES_PER_PASS = 64


@dataclass(frozen=True, slots=True)
class DeletionCheck:
    """Whether hiding what a map calls important costs more than hiding anything else.

    Attributes:
        fraction: Share of the patches that is hidden in every frame.
        score: Of the untouched video.
        drop: Score lost when the patches with the highest map values are hidden.
        random_drop: Score lost, on average, when as many random patches are hidden.
    """

    fraction: float
    score: float
    drop: float
    random_drop: float

    @property
    def passed(self) -> bool:
        """Whether the map does better than chance."""
        return self.drop > self.random_drop


def hide(
    images: Float[Tensor, "*frames 3 height width"], visible: Bool[Tensor, "*frames rows columns"]
) -> Float[Tensor, "*frames 3 height width"]:
    """The images with the patches that are not `visible` painted grey."""
    *frames, _, height, width = images.shape
    flat = visible.reshape(-1, 1, *visible.shape[-2:]).to(images.dtype)
    mask = F.interpolate(flat, (height, width), mode="nearest")
    return images * mask.reshape(*frames, 1, height, width)


@torch.inference_mode()
def frame_scores(
    encoder: PatchEncoder, images: Float[Tensor, "images 3 height width"], texts: Embeddings
) -> Float[Tensor, "texts images"]:
    """The encoder's score of texts and preprocessed images, each image a video of one frame."""
    features = _features(encoder, images)[:, None]
    mask = torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)
    return encoder.score(texts, encoder.encode_video(features, mask))


@torch.inference_mode()
def _features(
    encoder: PatchEncoder, images: Float[Tensor, "images 3 height width"]
) -> Float[Tensor, "images d"]:
    passes = images.split(_IMAGES_PER_PASS)
    return torch.cat([encoder.model.encode_image(part, normalize=True).float() for part in passes])


def top_patches(
    maps: Float[Tensor, "frames rows columns"], fraction: float
) -> Bool[Tensor, "frames rows columns"]:
    """The patches with the highest values in every frame, at least one."""
    flat = maps.flatten(1)
    chosen = flat.topk(max(1, round(fraction * flat.shape[1])), dim=1).indices
    return torch.zeros_like(flat, dtype=torch.bool).scatter_(1, chosen, True).view_as(maps)


def deletion_check(
    encoder: PatchEncoder,
    query: str,
    images: Float[Tensor, "frames 3 height width"],
    maps: Float[Tensor, "frames rows columns"],
    *,
    fraction: float = 0.2,
    draws: int = 4,
    generator: torch.Generator,
) -> DeletionCheck:
    """Hides the top patches of every frame, then as many random ones, and compares the scores.

    Args:
        encoder: The system whose score counts.
        query: The sentence.
        images: Preprocessed frames of the video.
        maps: Patch maps of the query, on the grid of the tower.
        fraction: Share of the patches to hide.
        draws: Random selections to average over.
        generator: Draws them.

    Raises:
        ValueError: `fraction` is not between 0 and 1.
    """
    if not 0 < fraction < 1:
        raise ValueError(f"fraction must lie between 0 and 1, got {fraction}")
    noise = torch.rand(draws, *maps.shape, generator=generator).to(maps.device)
    hidden = torch.stack([top_patches(order, fraction) for order in (maps, *noise)])
    versions = torch.cat([torch.zeros_like(hidden[:1]), hidden])
    features = _features(encoder, hide(images.expand(len(versions), *images.shape), ~versions)
                         .flatten(0, 1)).unflatten(0, versions.shape[:2])  # fmt: skip
    mask = torch.ones(features.shape[:2], dtype=torch.bool, device=features.device)
    scores = encoder.score(encoder.encode_text([query]), encoder.encode_video(features, mask))[0]
    whole, without_top, *without_random = scores.tolist()
    return DeletionCheck(
        fraction=fraction,
        score=whole,
        drop=whole - without_top,
        random_drop=whole - sum(without_random) / draws,
    )


def occlusion_map(
    encoder: PatchEncoder,
    query: str,
    image: Float[Tensor, "3 height width"],
    grid: tuple[int, int],
    *,
    num_masks: int = 256,
    visible_share: float = 0.5,
    generator: torch.Generator,
) -> Float[Tensor, "rows columns"]:
    """What every patch adds to the score of a frame, measured with random masks.

    In the spirit of Petsiuk, Das, Saenko, "RISE: Randomized Input Sampling for Explanation of
    Black-box Models", 2018 (arXiv:1806.07421). Deviations: every patch is drawn by itself, hard
    edged, and the map is the mean score with the patch visible minus the mean score with it
    hidden, so that it is signed and has the unit of the score.

    Args:
        encoder: The system whose score counts.
        query: The sentence.
        image: One preprocessed frame.
        grid: Patch rows and columns.
        num_masks: How many random masks to score.
        visible_share: Probability that a patch is visible.
        generator: Draws the masks.
    """
    visible = torch.rand(num_masks, *grid, generator=generator) < visible_share
    visible = visible.to(image.device)
    masked = hide(image.expand(num_masks, *image.shape), visible)
    scores = frame_scores(encoder, masked, encoder.encode_text([query]))[0]
    shown = visible.flatten(1).to(scores.dtype)
    with_patch = scores @ shown / shown.sum(0).clamp_min(1)
    without_patch = scores @ (1 - shown) / (1 - shown).sum(0).clamp_min(1)
    return (with_patch - without_patch).reshape(grid)
