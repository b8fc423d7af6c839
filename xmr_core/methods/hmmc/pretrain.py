"""Pre-training: momentum encoders, queues of their keys, and four proxy tasks."""

import copy
from collections.abc import Callable, Mapping
from dataclasses import dataclass

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int
from torch import Tensor, nn

from xmr_core.methods.hmmc.config import PretrainConfig
from xmr_core.methods.hmmc.loss import (
    IGNORED,
    frame_adjacency_matching,
    frame_text_matching,
    masked_language_loss,
    video_text_matching,
)
from xmr_core.methods.hmmc.model import HmmcModel
from xmr_core.nn.distributed import gather_keys
from xmr_core.nn.momentum import follow
from xmr_core.nn.queue import KeyQueue
from xmr_core.nn.text import TokenIds

FrameFeatures = Callable[[HmmcModel, Tensor], Float[Tensor, "videos frames d"]]


class Projector(nn.Module):
    """Linear, batch norm, ReLU, linear: projector and predictor alike.

    Args:
        width: In and out.
        inner: Between.
    """

    def __init__(self, width: int, inner: int) -> None:
        super().__init__()
        self.inner = nn.Linear(width, inner)
        self.norm = nn.BatchNorm1d(inner)
        self.out = nn.Linear(inner, width)

    def forward(self, features: Float[Tensor, "videos frames d"]) -> Tensor:
        """Statistics are taken over all frames of the batch."""
        flat = self.out(F.relu(self.norm(self.inner(features.flatten(0, 1)))))
        return flat.view_as(features)


class WordHead(nn.Module):
    """Names the hidden words from projected token states.

    Args:
        width: Of the states.
        vocabulary: Number of words.
    """

    def __init__(self, width: int, vocabulary: int) -> None:
        super().__init__()
        self.dense = nn.Linear(width, width)
        self.norm = nn.LayerNorm(width, eps=1e-12)
        self.decoder = nn.Linear(width, vocabulary)

    def forward(self, states: Float[Tensor, "texts length d"]) -> Tensor:
        """A score for every word at every place."""
        return self.decoder(self.norm(F.gelu(self.dense(states))))


@dataclass(frozen=True, slots=True)
class HiddenWords:
    """Texts with some words hidden.

    Attributes:
        ids: Shape (texts, length).
        mask: Real tokens.
        labels: The hidden ids, `IGNORED` elsewhere.
    """

    ids: Int[Tensor, "texts length"]
    mask: Bool[Tensor, "texts length"]
    labels: Int[Tensor, "texts length"]


def hide_words(
    texts: TokenIds,
    vocabulary: int,
    mask_id: int,
    *,
    marks: tuple[int, ...],
    generator: torch.Generator,
    share: float = 0.15,
) -> HiddenWords:
    """Hides words as BERT does: 80 % [MASK], 10 % another word, 10 % left as they are.

    Args:
        texts: Ids and mask.
        vocabulary: Number of ids.
        mask_id: What stands for a hidden word.
        marks: Ids that are never hidden; neither is padding.
        generator: The only source of randomness.
        share: Of the words.
    """
    ids, mask = texts
    words = mask & ~torch.isin(ids, torch.tensor(marks))
    chosen = words & (torch.rand(ids.shape, generator=generator) < share)
    way = torch.rand(ids.shape, generator=generator)
    others = torch.randint(vocabulary, ids.shape, generator=generator)
    shown = torch.where(chosen & (way < 0.8), torch.full_like(ids, mask_id), ids)
    shown = torch.where(chosen & (way >= 0.9), others, shown)
    return HiddenWords(shown, mask, torch.where(chosen, ids, torch.full_like(ids, IGNORED)))


class HmmcPretrainer(nn.Module):
    """The model, its slow copy, and everything that only pre-training needs.

    Implements L = 0.05 FAM + 0.45 VTM + 0.45 FTM + 0.05 MLM of Shen et al., 2023. Each kind of
    text (a title, a tag) has its own queue; VTM, FTM and MLM are averaged over the kinds.

    Deviations: the public code also keeps a text projector that no loss uses; it is left out. Its
    losses of tags are switched off by a misspelt option; here a kind of text counts if it is given.

    Args:
        model: Is trained in place.
        config: Weights, queue, momentum.
        frames: Of every video.
        vocabulary: Number of token ids.
        texts: The kinds of text.
        frame_features: How frame features come from a batch of videos.
        generator: Source of the random start of the queues.
    """

    def __init__(
        self,
        model: HmmcModel,
        config: PretrainConfig,
        *,
        frames: int,
        vocabulary: int,
        texts: tuple[str, ...],
        frame_features: FrameFeatures,
        generator: torch.Generator | None = None,
    ) -> None:
        super().__init__()
        width, length = model.config.embed_dim, config.queue_length
        self.config = config
        self.model = model
        self.projector = Projector(width, config.inner_width)
        self.predictor = Projector(width, config.inner_width)
        self.word_head = WordHead(width, vocabulary)
        self.slow_model = copy.deepcopy(model).requires_grad_(False)
        self.slow_projector = copy.deepcopy(self.projector).requires_grad_(False)
        self._frame_features = frame_features
        kinds = {"video": length, "frame": length * frames, "projected": length * frames}
        kinds |= {text: length for text in texts}
        self.queues = nn.ModuleDict(
            {name: KeyQueue(size, width, generator) for name, size in kinds.items()}
        )

    def losses(
        self,
        videos: Tensor,
        texts: Mapping[str, TokenIds],
        hidden: Mapping[str, HiddenWords],
    ) -> dict[str, Tensor]:
        """One step: the slow copies move, the losses are formed, the queues take the new keys.

        Args:
            videos: What `frame_features` takes.
            texts: Ids of every kind of text; row i belongs to video i.
            hidden: The same texts with words hidden; without them no masked language loss.
        """
        follow(self.slow_model, self.model, self.config.momentum)
        follow(self.slow_projector, self.projector, self.config.momentum)
        frames = self._frame_features(self.model, videos)
        video = self.model.encode_frames(frames)
        predicted = self.predictor(self.projector(frames))
        keys = self._keys(videos, texts)
        sums = {"vtm": video.new_zeros(()), "ftm": video.new_zeros(()), "mlm": video.new_zeros(())}
        for name, (ids, mask) in texts.items():
            text = self.model.encode_ids(ids, mask)
            shared = {
                "text_queue": self._negatives(name),
                "temperature": self.config.temperature,
            }
            sums["vtm"] = sums["vtm"] + video_text_matching(
                video, text, keys["video"], keys[name],
                video_queue=self._negatives("video"), **shared,
            )  # fmt: skip
            sums["ftm"] = sums["ftm"] + frame_text_matching(
                frames, text, keys["frame"], keys[name],
                frame_queue=self._negatives("frame"), **shared,
            )  # fmt: skip
            if name in hidden:
                sums["mlm"] = sums["mlm"] + self._word_loss(hidden[name])
        fam = frame_adjacency_matching(
            predicted, keys["projected"], self._negatives("projected"), self.config.temperature
        )
        self._push(keys)
        config, kinds = self.config, len(texts)
        return {
            "fam_loss": config.fam_weight * fam,
            "vtm_loss": config.vtm_weight * sums["vtm"] / kinds,
            "ftm_loss": config.ftm_weight * sums["ftm"] / kinds,
            "mlm_loss": config.mlm_weight * sums["mlm"] / kinds,
        }

    @torch.no_grad()
    def _keys(self, videos: Tensor, texts: Mapping[str, TokenIds]) -> dict[str, Tensor]:
        """What the slow copies say of this batch."""
        frames = self._frame_features(self.slow_model, videos)
        keys = {
            "video": self.slow_model.encode_frames(frames),
            "frame": frames,
            "projected": self.slow_projector(frames),
        }
        return keys | {name: self.slow_model.encode_ids(*text) for name, text in texts.items()}

    def _word_loss(self, hidden: HiddenWords) -> Tensor:
        _, states = self.model.text(hidden.ids, hidden.mask)
        return masked_language_loss(self.word_head(states), hidden.labels)

    def _negatives(self, name: str) -> Float[Tensor, "negatives d"]:
        return self._queue(name).negatives()

    def _push(self, keys: Mapping[str, Tensor]) -> None:
        for name, rows in keys.items():
            self._queue(name).push(gather_keys(rows).flatten(0, -2))

    def _queue(self, name: str) -> KeyQueue:
        queue = self.queues[name]
        assert isinstance(queue, KeyQueue)
        return queue
