"""What every word and every frame does to the score, by leaving it out.

Nothing here looks inside a model: words are cut out of the sentence, frames are masked, and the
encoder scores what is left. So the effects are true of any method, in the unit of its score.
"""

import re
from collections.abc import Sequence
from dataclasses import dataclass

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from xmr_core.encoder import DualEncoder
from xmr_core.types import Word

_SPACES = re.compile(r"\s+")
# A space, or a comma that has lost what it followed, in front of another mark.
_STRAY_BEFORE_MARK = re.compile(r"[\s,，、]+(?=[,.;:!?，。；：！？、])")
_MARKS_AT_START = " ,.;:!?，。；：！？、"


@dataclass(frozen=True, slots=True)
class Effects:
    """The effects of one query on one video; see `xmr_core.types.Explanation` for the meaning."""

    words: tuple[Word, ...]
    score: float
    word_effects: NDArray[np.float32]
    frame_scores: NDArray[np.float32]
    frame_effects: NDArray[np.float32]
    word_frame: NDArray[np.float32]


def without_word(text: str, word: Word) -> str:
    """The text with one word cut out, and no double spaces or stray marks where it was.

    A text of one word becomes the empty text: the sentence that says nothing is what the word is
    compared with.
    """
    rest = _SPACES.sub(" ", text[: word.start] + text[word.end :])
    return _STRAY_BEFORE_MARK.sub("", rest).lstrip(_MARKS_AT_START).rstrip()


def frame_subsets(num_frames: int) -> Bool[Tensor, "subsets frames"]:
    """Masks of all frames, then of each frame alone, then of all but one frame.

    A single frame cannot be left out, so the last part is empty for `num_frames` = 1.
    """
    alone = torch.eye(num_frames, dtype=torch.bool)
    everything = torch.ones(1, num_frames, dtype=torch.bool)
    return torch.cat([everything, alone, ~alone] if num_frames > 1 else [everything, alone])


@torch.inference_mode()
def measure_effects(
    encoder: DualEncoder,
    query: str,
    features: Float[Tensor, "frames d"],
    mask: Bool[Tensor, " frames"] | None = None,
) -> Effects:
    """Scores the query and the video with every word and every frame left out.

    Two batches, one of texts and one of frame subsets, give one score matrix, and all effects are
    differences of its entries. A video of one frame has nothing left without it, so the frame's
    effect is the whole score.

    Args:
        encoder: The system whose score is explained.
        query: The sentence.
        features: Frame features of the video.
        mask: Which frames count; all of them if None. Effects are of these frames only.

    Returns:
        The effects, in the unit of the score.

    Raises:
        ValueError: No frame counts.
    """
    features = features if mask is None else features[mask]
    num_frames = len(features)
    if num_frames == 0:
        raise ValueError("an explanation needs at least one frame, got 0")
    words = encoder.words(query)
    texts = [query, *(without_word(query, word) for word in words)]
    subsets = frame_subsets(num_frames).to(features.device)
    videos = encoder.encode_video(features.expand(len(subsets), -1, -1), subsets)
    scores = encoder.score(encoder.encode_text(texts), videos).float().cpu().numpy()
    return _effects_from_scores(scores, words, num_frames)


def _effects_from_scores(
    scores: NDArray[np.float32], words: Sequence[Word], num_frames: int
) -> Effects:
    """Reads the effects from the matrix of scores (whole text + W cuts, frame subsets)."""
    whole, alone, rest = np.split(scores, [1, 1 + num_frames], axis=1)
    score = whole[0, 0]
    return Effects(
        words=tuple(words),
        score=float(score),
        word_effects=score - whole[1:, 0],
        frame_scores=alone[0].copy(),
        frame_effects=score - rest[0] if num_frames > 1 else alone[0].copy(),
        word_frame=alone[0] - alone[1:],
    )
