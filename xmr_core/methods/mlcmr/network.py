"""The network: a video encoder of three levels, a text encoder for all languages, two mappings."""

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from xmr_core.methods.mlcmr.config import MlcmrModelConfig
from xmr_core.methods.mlcmr.views import front


class VideoLevels(nn.Module):
    """Three views of a sequence of frames, side by side (Dual Encoding)."""

    def __init__(self, config: MlcmrModelConfig) -> None:
        super().__init__()
        self.gru = nn.GRU(
            config.frame_width, config.gru_width, batch_first=True, bidirectional=True
        )
        self.convolutions = nn.ModuleList(
            nn.Conv1d(2 * config.gru_width, config.conv_channels, size, padding=size - 1)
            for size in config.kernel_sizes
        )
        self.dropout = nn.Dropout(config.dropout)
        self.max_frames = config.max_frames
        self.legacy_padding = config.legacy_padding

    def forward(
        self, frames: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Float[Tensor, "videos levels"]:
        """Mean of the GRU's states, maxima of the convolutions, mean of the frames."""
        frames, mask = front(frames, mask)
        frames = frames * mask.unsqueeze(-1)
        mean = masked_mean(frames, mask)
        frames, mask = frames[:, : self.max_frames], mask[:, : self.max_frames]
        states = self.states(frames, mask) * mask.unsqueeze(-1)
        maxima = [self._maximum(conv, states, mask) for conv in self.convolutions]
        levels = [masked_mean(states, mask), torch.cat(maxima, dim=1)]
        return torch.cat([*map(self.dropout, levels), mean], dim=1)

    def states(
        self, frames: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Float[Tensor, "videos frames hidden"]:
        """The states of the GRU, both directions; frames stand at the front."""
        if self.legacy_padding or bool(mask.all()):
            return self.gru(frames)[0]
        lengths = mask.sum(1).clamp(min=1).cpu()
        packed = pack_padded_sequence(frames, lengths, batch_first=True, enforce_sorted=False)
        return pad_packed_sequence(self.gru(packed)[0], True, total_length=frames.shape[1])[0]

    def _maximum(
        self,
        convolution: nn.Module,
        states: Float[Tensor, "videos frames hidden"],
        mask: Bool[Tensor, "videos frames"],
    ) -> Float[Tensor, "videos channels"]:
        """The largest response over time, 0 at least."""
        responses = F.relu(convolution(states.transpose(1, 2)))  # (videos, channels, windows)
        if not self.legacy_padding:
            # Window i ends at frame i; the windows with a real frame in them are the first ones,
            # as many as there are real frames and those that reach in from before the video.
            before = responses.shape[2] - mask.shape[1]
            responses = responses * F.pad(mask, (before, 0), value=True).unsqueeze(1)
        return responses.max(2).values


class Mapping(nn.Module):
    """From an encoder's width to the common space, at unit length."""

    def __init__(self, width: int, embed_dim: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(width, embed_dim)
        self.norm = nn.BatchNorm1d(embed_dim)
        self.dropout = nn.Dropout(dropout)
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, features: Float[Tensor, "items width"]) -> Float[Tensor, "items d"]:
        """Unit-length embeddings."""
        return F.normalize(self.dropout(self.norm(self.linear(features))), dim=-1)


class MlcmrNetwork(nn.Module):
    """Both encoders with their mappings.

    Args:
        config: Sizes.
        text_tower: A module of `xmr_core.nn.text`.
    """

    def __init__(self, config: MlcmrModelConfig, text_tower: nn.Module) -> None:
        super().__init__()
        self.config = config
        self.levels = VideoLevels(config)
        self.tower = text_tower
        self.video_mapping = Mapping(config.video_width, config.embed_dim, config.dropout)
        width = int(text_tower.hidden)  # pyright: ignore[reportArgumentType]
        self.text_mapping = Mapping(width, config.embed_dim, config.dropout)

    def videos(
        self, frames: Float[Tensor, "videos frames d"], mask: Bool[Tensor, "videos frames"]
    ) -> Float[Tensor, "videos d"]:
        """Unit-length embeddings of videos."""
        return self.video_mapping(self.levels(frames, mask))

    def texts(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts d"]:
        """Unit-length embeddings of texts, whatever their language."""
        return self.text_mapping(self.pooled(ids, mask))

    def pooled(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts hidden"]:
        """Means of the tokens' hidden states."""
        states = self.tower(ids, mask)
        return states.mean(1) if self.config.legacy_padding else masked_mean(states, mask)


def masked_mean(
    values: Float[Tensor, "items places d"], mask: Bool[Tensor, "items places"]
) -> Float[Tensor, "items d"]:
    """Mean over the real places; zero where there are none."""
    kept = values.masked_fill(~mask.unsqueeze(-1), 0)
    return kept.sum(1) / mask.sum(1, keepdim=True).clamp(min=1)
