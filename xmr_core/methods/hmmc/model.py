"""HMMC as an encoder: video level plus the best frames."""

from collections.abc import Sequence

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from open_clip.transformer import QuickGELU, VisionTransformer
from torch import Tensor, nn

from xmr_core.encoder import Embeddings
from xmr_core.methods.hmmc.config import HmmcModelConfig
from xmr_core.methods.hmmc.ids import Reader
from xmr_core.methods.hmmc.loss import cosines, frame_scores
from xmr_core.methods.hmmc.temporal import TemporalTransformer, pool_frames
from xmr_core.methods.hmmc.text import BertText, ClipText
from xmr_core.methods.hmmc.vision import frame_features
from xmr_core.nn.images import fit
from xmr_core.types import Word

SCORE_SCALE = 100.0
# Frames per forward pass: more gains nothing on a CPU and costs memory with large models.
_FRAMES_PER_PASS = 32


class HmmcModel(nn.Module):
    """The three towers: `visual` (open_clip's), `temporal` (None if it has no layers) and `text`.

    Args:
        config: Sizes of everything.
        waves: See `TemporalTransformer`.
    """

    def __init__(self, config: HmmcModelConfig, *, waves: bool = False) -> None:
        super().__init__()
        self.config = config
        self.visual = VisionTransformer(
            image_size=(config.image_height, config.image_width),  # type: ignore[arg-type]
            patch_size=config.patch_size,
            width=config.vision_width,
            layers=config.vision_layers,
            heads=config.vision_heads,
            mlp_ratio=4.0,
            output_dim=config.embed_dim,
            act_layer=QuickGELU if config.quick_gelu else nn.GELU,
            norm_layer=nn.LayerNorm,
        )
        self.temporal = None
        if config.temporal_layers:
            self.temporal = TemporalTransformer(
                config.embed_dim,
                config.temporal_layers,
                config.temporal_heads,
                positions=config.frame_positions,
                eps=config.temporal_eps,
                waves=waves,
            )
        if config.text == "bert":
            self.text: nn.Module = BertText(config.bert, config.embed_dim)
        else:
            self.text = ClipText(
                vocab_size=config.vocab_size,
                width=config.text_width,
                layers=config.text_layers,
                heads=config.text_heads,
                context_length=config.context_length,
                embed_dim=config.embed_dim,
                quick_gelu=config.quick_gelu,
            )

    def encode_image(
        self, images: Float[Tensor, "frames 3 rows columns"], normalize: bool = False
    ) -> Float[Tensor, "frames d"]:
        """Frame features, as open_clip's models give them."""
        features = frame_features(self.visual, images)
        return F.normalize(features, dim=-1) if normalize else features

    def encode_frames(
        self,
        features: Float[Tensor, "videos frames d"],
        mask: Bool[Tensor, "videos frames"] | None = None,
    ) -> Float[Tensor, "videos d"]:
        """The video level: the mean of unit vectors after the temporal transformer."""
        if self.temporal is not None:
            features = self.temporal(features, mask)
        return pool_frames(features, mask)

    def encode_ids(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts d"]:
        """Sentence features, not of unit length."""
        return self.text(ids, mask)[0]


class HmmcEncoder:
    """A `DualEncoder`: parts "global" (video or sentence), and of videos "frames" and "mask".

    Args:
        id: Id of the checkpoint.
        model: The towers.
        read: Turns texts into token ids.
        num_frames: Frames sampled from a clip.
        languages: Languages of the text tower.
    """

    stores_frames = True

    def __init__(
        self,
        id: str,
        model: HmmcModel,
        read: Reader,
        *,
        num_frames: int = 12,
        languages: tuple[str, ...] = ("en",),
    ) -> None:
        self.id = id
        self.model = model.eval()
        self.num_frames = num_frames
        self.languages = languages
        self.top_frames = model.config.top_frames
        self._read = read

    @property
    def device(self) -> torch.device:
        """Where the weights are."""
        return next(self.model.parameters()).device

    def preprocess(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames 3 rows columns"]:
        """Resizes, crops and normalises as the model's own configuration says."""
        config = self.model.config
        images = torch.from_numpy(np.ascontiguousarray(frames)).to(self.device)
        images = images.permute(0, 3, 1, 2).float() / 255
        size = (config.image_height, config.image_width)
        images = fit(images, size, config.resize, config.interpolation)
        mean, std = (images.new_tensor(v).view(1, 3, 1, 1) for v in (config.mean, config.std))
        return (images - mean) / std

    @torch.inference_mode()
    def frame_features(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames d"]:
        """Frame features as the temporal transformer takes them: not of unit length."""
        cuts = range(_FRAMES_PER_PASS, len(frames), _FRAMES_PER_PASS)
        passes = [self.model.encode_image(self.preprocess(p)) for p in np.split(frames, cuts)]
        return torch.cat(passes).float()

    @torch.inference_mode()
    def encode_video(
        self, features: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Embeddings:
        """Both levels. A video whose frames are all masked scores 0 with everything."""
        features = features * mask.unsqueeze(-1)
        video = F.normalize(self.model.encode_frames(features, mask), dim=-1)
        return Embeddings({"global": video, "frames": features, "mask": mask})

    @torch.inference_mode()
    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        """Unit-length sentence embeddings."""
        ids, mask = self._read(texts)
        found = self.model.encode_ids(ids.to(self.device), mask.to(self.device))
        return Embeddings({"global": F.normalize(found, dim=-1).float()})

    def score(self, queries: Embeddings, gallery: Embeddings) -> Float[Tensor, "queries items"]:
        """100 cos(query, video) plus the mean of the k largest 100 cos(query, frame).

        A video as a query asks with its video-level embedding. Without a frame term (k = 0) only
        the first part.
        """
        return hierarchical_score(
            queries["global"],
            gallery["global"],
            gallery["frames"],
            gallery["mask"],
            top_frames=self.top_frames,
        )

    def words(self, text: str) -> tuple[Word, ...]:
        """The words of `text`; unknown ones only where the vocabulary is closed."""
        return self._read.words(text)


def hierarchical_score(
    texts: Float[Tensor, "texts d"],
    videos: Float[Tensor, "videos d"],
    frames: Float[Tensor, "videos frames d"],
    mask: Bool[Tensor, "videos frames"] | None = None,
    *,
    top_frames: int,
) -> Float[Tensor, "texts videos"]:
    """The score of Shen et al., 2023, at search time: both levels, weighted 1 : 1.

    Deviation: where a video has fewer than `top_frames` frames, the mean of all of them counts;
    the public code fails.

    Args:
        texts: Sentence features, any length.
        videos: Video features, any length.
        frames: Frame features, any length.
        mask: Which frames there are; all if None.
        top_frames: k; 0 leaves the frame term out.
    """
    score = SCORE_SCALE * cosines(texts, videos)
    if not top_frames:
        return score
    by_frame = frame_scores(texts, frames)
    k = min(top_frames, frames.shape[1])
    if mask is None or bool(mask.all()):
        return score + SCORE_SCALE * by_frame.topk(k, dim=-1).values.mean(-1)
    best = by_frame.masked_fill(~mask.bool(), float("-inf")).topk(k, dim=-1).values
    number = mask.sum(1).clamp(min=1, max=k)
    total = best.masked_fill(best == float("-inf"), 0.0).sum(-1)
    return score + SCORE_SCALE * total / number
