"""Why a clip got its score: which words, which frames, which patches.

`Explainer` makes the record; `effects` leaves words and frames out, `gradeclip` makes the patch
maps, `occlusion` checks them, `evaluate` measures them against ground truth and `figure` draws.
"""

import logging
import time

import numpy as np
import torch
from jaxtyping import Bool, Float
from numpy.typing import NDArray
from torch import Tensor

from xmr_core.encoder import DualEncoder
from xmr_core.explain import gradeclip
from xmr_core.explain.cache import TensorCache
from xmr_core.explain.effects import Effects, measure_effects
from xmr_core.explain.gradeclip import PatchEncoder, grad_eclip, last_block_tokens
from xmr_core.explain.last_block import unsupported_reason
from xmr_core.explain.occlusion import DeletionCheck, deletion_check
from xmr_core.explain.view import on_whole_frame, seen_part
from xmr_core.media.sampling import centre_times
from xmr_core.types import Clip, Explanation, Video

__all__ = ["DeletionCheck", "Explainer"]

_LOG = logging.getLogger(__name__)


class Explainer:
    """Explains the scores of one encoder. Safe to share between threads.

    The tokens before the last block of the image tower, the expensive part, are kept for the clips
    explained last, so the next query about the same clip is much quicker.

    Args:
        encoder: Whose scores are explained. Patch maps need a vision transformer with a class
            token, of open_clip or transformers; other encoders get words and frames only.
        cache_bytes: Most memory that kept tokens may take.
    """

    def __init__(self, encoder: DualEncoder, cache_bytes: int = 128 * 2**20) -> None:
        self.encoder = encoder
        self._tokens = TensorCache(cache_bytes)
        self._patches = encoder if isinstance(encoder, PatchEncoder) else None
        if self._patches is not None:
            reason = unsupported_reason(self._patches.model.visual)
            if reason is not None:
                _LOG.info("No patch maps with %s: %s.", encoder.id, reason)
                self._patches = None

    def explain(
        self,
        query: str,
        clip: Clip,
        frames: Video | None,
        features: Float[Tensor, "frames d"],
        mask: Bool[Tensor, " frames"] | None = None,
    ) -> Explanation:
        """Why `clip` got its score for `query`.

        Args:
            query: The sentence.
            clip: The clip; it names the explanation and the kept tokens.
            frames: The frames that gave `features`, for the patch maps; None if the source is
                gone. Then there are no maps, and the frame times are the middles of equal
                stretches of the clip.
            features: Frame features, as a gallery keeps them.
            mask: Which of the features belong to frames; all of them if None.

        Raises:
            ValueError: The number of frames and of features differ.
        """
        start = time.perf_counter()
        features = (features if mask is None else features[mask]).float()
        if frames is not None and len(frames.frames) != len(features):
            raise ValueError(f"{len(frames.frames)} frames for {len(features)} features of a clip")
        effects = measure_effects(self.encoder, query, features)
        maps = None if frames is None else self._patch_maps(query, effects, clip, frames)
        return Explanation(
            query=query,
            clip=clip,
            score=effects.score,
            words=tuple(word.text for word in effects.words),
            word_known=tuple(word.known for word in effects.words),
            word_effects=effects.word_effects,
            frame_times_s=_times(clip, frames, len(features)),
            frame_scores=effects.frame_scores,
            frame_effects=effects.frame_effects,
            word_frame=effects.word_frame,
            patch_maps=maps,
            patch_method="" if maps is None else gradeclip.NAME,
            elapsed_ms=1000 * (time.perf_counter() - start),
        )

    def check(self, query: str, clip: Clip, frames: Video, fraction: float = 0.2) -> DeletionCheck:
        """Greys out the patches that the map of `query` calls most important, against random ones.

        The random patches are the same at every call.

        Raises:
            ValueError: The encoder has no patch maps.
        """
        if self._patches is None:
            raise ValueError(f"{self.encoder.id} has no patch maps to check")
        texts = self.encoder.encode_text([query])["global"]
        (maps,) = grad_eclip(self._patches.model.visual, self._clip_tokens(clip, frames), texts)
        return deletion_check(
            self._patches,
            query,
            self._patches.preprocess(frames.frames),
            maps,
            fraction=fraction,
            generator=torch.Generator().manual_seed(0),
        )

    def _patch_maps(
        self, query: str, effects: Effects, clip: Clip, frames: Video
    ) -> NDArray[np.float32] | None:
        """Maps of the whole query and of every word by itself, on the whole frame."""
        if self._patches is None:
            return None
        tokens = self._clip_tokens(clip, frames)
        texts = self.encoder.encode_text([query, *(word.text for word in effects.words)])
        maps = grad_eclip(self._patches.model.visual, tokens, texts["global"])
        part = seen_part(self._patches, *frames.frames.shape[1:3])
        return on_whole_frame(maps, part).float().cpu().numpy()

    def _clip_tokens(self, clip: Clip, frames: Video) -> Float[Tensor, "frames tokens width"]:
        """Kept tokens of the clip or new ones; two threads at once may both compute them."""
        assert self._patches is not None
        key = (self.encoder.id, clip, len(frames.frames))
        tokens = self._tokens.get(key)
        if tokens is None:
            images = self._patches.preprocess(frames.frames)
            tokens = last_block_tokens(self._patches.model.visual, images)
            self._tokens.put(key, tokens)
        return tokens


def _times(clip: Clip, frames: Video | None, num_frames: int) -> NDArray[np.float64]:
    if frames is not None:
        return frames.times_s
    return centre_times(clip.start_s, clip.end_s, num_frames)
