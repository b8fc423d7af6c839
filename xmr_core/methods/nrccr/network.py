"""The network of NRCCR: one attention block per modality over a text tower and frame features."""

from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from xmr_core.methods.nrccr.adversary import masked_mean
from xmr_core.methods.nrccr.config import NrccrModelConfig

# What the public code adds to the score of a masked pair; finite, so that a fully masked query
# attends to everything alike instead of being undefined.
_MASKED = -10000.0


class AttentionBlock(nn.Module):
    """Multi-head attention with a residual and a norm, without a feed-forward part.

    Queries and keys are `attention_width` wide, values as wide as the input. Scores are divided by
    the root of the *value* width of a head, as in the public code.
    """

    def __init__(self, hidden: int, heads: int, attention_width: int, dropout: float) -> None:
        super().__init__()
        self.heads, self.dropout = heads, dropout
        self.query = nn.Linear(hidden, attention_width)
        self.key = nn.Linear(hidden, attention_width)
        self.value = nn.Linear(hidden, hidden)
        self.dense = nn.Linear(hidden, hidden)
        self.norm = nn.LayerNorm(hidden)

    def forward(
        self,
        queries: Float[Tensor, "batch asking hidden"],
        keys: Float[Tensor, "batch asked hidden"],
        query_mask: Bool[Tensor, "batch asking"],
        key_mask: Bool[Tensor, "batch asked"],
        *,
        residual: bool,
    ) -> Float[Tensor, "batch asking hidden"]:
        """`queries` attend to `keys`; with `residual` they are added before the norm."""
        allowed = query_mask.unsqueeze(2) & key_mask.unsqueeze(1)
        bias = (~allowed).to(queries.dtype) * _MASKED
        found = F.scaled_dot_product_attention(
            self._by_head(self.query(queries)),
            self._by_head(self.key(keys)),
            self._by_head(self.value(keys)),
            attn_mask=bias.unsqueeze(1),
            dropout_p=self.dropout if self.training else 0.0,
            scale=(queries.shape[-1] / self.heads) ** -0.5,
        )
        joined = found.transpose(1, 2).flatten(2)  # (b, asking, hidden)
        out = F.dropout(self.dense(joined), self.dropout, self.training)
        return self.norm(out + queries) if residual else self.norm(out)

    def _by_head(self, x: Tensor) -> Tensor:
        return x.unflatten(-1, (self.heads, -1)).transpose(1, 2)  # (b, heads, l, width)


class SequenceBranch(nn.Module):
    """Projection, positions, one attention block."""

    def __init__(
        self,
        width: int,
        hidden: int,
        positions: int,
        heads: int,
        attention_width: int,
        dropout: float,
        *,
        legacy_padding: bool = False,
    ) -> None:
        super().__init__()
        self.legacy_padding = legacy_padding
        self.norm = nn.LayerNorm(width)
        self.project = nn.Linear(width, hidden)
        self.positions = nn.Embedding(positions, hidden)
        self.position_norm = nn.LayerNorm(hidden)
        self.attention = AttentionBlock(hidden, heads, attention_width, dropout)
        self.dropout = dropout
        nn.init.normal_(self.positions.weight, std=0.02)

    def prepare(
        self, x: Float[Tensor, "batch length width"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length hidden"]:
        """The states before attention."""
        hidden = F.relu(self.project(self._drop(self.norm(x))))
        return self._drop(self.position_norm(hidden + self.positions(self._places(mask))))

    def attend(
        self, hidden: Float[Tensor, "batch length hidden"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch length hidden"]:
        """The states after a sequence has attended to itself."""
        return self.attention(hidden, hidden, mask, mask, residual=True)

    def _places(self, mask: Tensor) -> Tensor:
        """Which learned position each element has.

        Counted among unmasked elements, so that masking one is removing it. A sequence that is
        longer than the positions are many stretches them.
        """
        if self.legacy_padding:  # padding is pooled there, so it has places too
            return torch.arange(mask.shape[1], device=mask.device).expand_as(mask)
        count = mask.sum(1, keepdim=True)
        rank = (mask.cumsum(1) - 1).clamp(min=0)
        many = self.positions.num_embeddings
        return torch.where(count > many, rank * many // count.clamp(min=1), rank)

    def _drop(self, x: Tensor) -> Tensor:
        return F.dropout(x, self.dropout, self.training)


class ImageBranch(nn.Module):
    """The picture part of the image variants: linear on the mean frame, which may be the only."""

    def __init__(self, width: int, hidden: int, *, relu: bool) -> None:
        super().__init__()
        self.project = nn.Linear(width, hidden)
        self.relu = relu

    def forward(
        self, x: Float[Tensor, "batch frames width"], mask: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch hidden"]:
        """One vector per image or video."""
        hidden = self.project(masked_mean(x, mask))
        return F.relu(hidden) if self.relu else hidden


class Mapping(nn.Module):
    """Into the common space: linear, batch norm, dropout, unit length."""

    def __init__(self, width: int, space: int, dropout: float) -> None:
        super().__init__()
        self.linear = nn.Linear(width, space)
        self.norm = nn.BatchNorm1d(space)
        self.dropout = dropout
        nn.init.xavier_uniform_(self.linear.weight)
        nn.init.zeros_(self.linear.bias)

    def forward(self, x: Float[Tensor, "batch width"]) -> Float[Tensor, "batch space"]:
        """Unit-length embeddings."""
        mapped = F.dropout(self.norm(self.linear(x)), self.dropout, self.training)
        return F.normalize(mapped, dim=-1)


@dataclass(frozen=True, slots=True)
class Sentences:
    """Token ids of some sentences with their mask, shapes (batch, length)."""

    ids: Int[Tensor, "batch length"]
    mask: Bool[Tensor, "batch length"]


@dataclass(frozen=True, slots=True)
class TextViews:
    """What a training batch's sentences become; None where a loss does not ask for it.

    Attributes:
        source: Embeddings c_s, shape (batch, space).
        target: Embeddings c_t.
        cross: Embeddings h_c.
        back: Embeddings c_b.
        source_states: States of the text tower, shape (batch, source length, width).
        target_states: Shape (batch, target length, width).
    """

    source: Tensor | None
    target: Tensor
    cross: Tensor | None
    back: Tensor | None
    source_states: Tensor | None
    target_states: Tensor


class NrccrNetwork(nn.Module):
    """Both branches and their mappings.

    Args:
        config: Sizes.
        tower: From ids and mask to states, with its width as `hidden` (`xmr_core.nn.text`).
    """

    def __init__(self, config: NrccrModelConfig, tower: nn.Module) -> None:
        super().__init__()
        c = self.config = config
        width: int = tower.hidden  # type: ignore[assignment]
        hidden = c.hidden_dropout
        self.tower = tower
        self.text = SequenceBranch(
            width,
            width,
            c.text_positions,
            c.text_heads,
            c.attention_width,
            hidden,
            legacy_padding=c.legacy_padding,
        )
        if c.picture == "frames":
            self.video: nn.Module = SequenceBranch(
                c.feature_width,
                c.video_width,
                c.video_positions,
                c.video_heads,
                c.attention_width,
                hidden,
                legacy_padding=c.legacy_padding,
            )
        else:
            self.video = ImageBranch(
                c.feature_width, c.video_width, relu=c.picture == "image-rectified"
            )
        self.text_mapping = Mapping(width, c.space, c.dropout)
        self.video_mapping = Mapping(c.video_width, c.space, c.dropout)

    def embed_video(
        self, features: Float[Tensor, "batch frames d"], mask: Bool[Tensor, "batch frames"]
    ) -> Float[Tensor, "batch space"]:
        """Embeddings v of videos."""
        if not isinstance(self.video, SequenceBranch):
            return self.video_mapping(self.video(features, mask))
        if self.config.legacy_padding:
            features, mask = (
                features[:, : self.config.max_frames],
                mask[:, : self.config.max_frames],
            )
        hidden = self.video.attend(self.video.prepare(features, mask), mask)
        return self.video_mapping(self.pool(hidden, mask))

    def embed_text(self, sentences: Sentences) -> Float[Tensor, "batch space"]:
        """Embeddings c_s or c_t of sentences, as search needs them."""
        states = self.tower(sentences.ids, sentences.mask)
        return self._embed(self.text.prepare(states, sentences.mask), sentences.mask)

    def views(
        self,
        source: Sentences | None,
        target: Sentences,
        back: Sentences | None,
        *,
        cross: bool = True,
    ) -> TextViews:
        """All views of a training batch.

        They pass through the shared mapping in the public code's order: source, target, cross,
        back. It matters to the running statistics of the batch norm alone.

        Args:
            source: Sentences in the source language; None trains on the target alone.
            target: Their machine translations.
            back: These translated back; None leaves the view out.
            cross: Whether the cross view is wanted; it needs `source`.
        """
        target_states = self.tower(target.ids, target.mask)
        target_hidden = self.text.prepare(target_states, target.mask)
        source_states = source_hidden = embedded = crossed = backed = None
        if source is not None:
            source_states = self.tower(source.ids, source.mask)
            source_hidden = self.text.prepare(source_states, source.mask)
            embedded = self._embed(source_hidden, source.mask)
        found = self._embed(target_hidden, target.mask)
        if cross and source is not None and source_hidden is not None:
            asked = self.text.attention(
                source_hidden, target_hidden, source.mask, target.mask, residual=False
            )
            joined = torch.cat([asked, target_hidden], dim=1)
            mask = torch.cat([source.mask, target.mask], dim=1)
            crossed = self.text_mapping(self.pool(joined, mask))
        if back is not None:
            backed = self.embed_text(back)
        return TextViews(embedded, found, crossed, backed, source_states, target_states)

    def pool(
        self, x: Float[Tensor, "batch length d"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch d"]:
        """The mean over a sequence; over its padding too with `legacy_padding`."""
        return x.mean(1) if self.config.legacy_padding else masked_mean(x, mask)

    def _embed(self, hidden: Tensor, mask: Tensor) -> Tensor:
        return self.text_mapping(self.pool(self.text.attend(hidden, mask), mask))
