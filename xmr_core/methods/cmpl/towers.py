"""What lies below the joint heads: an image network, and a BiLSTM over words."""

from collections.abc import Sequence
from typing import Any

import numpy as np
import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float, Int, UInt8
from tokenizers import Tokenizer
from torch import Tensor, nn
from torch.nn.utils.rnn import pack_padded_sequence, pad_packed_sequence

from xmr_core.errors import ConfigError
from xmr_core.methods.cmpl.config import CmplModelConfig

_FRAMES_PER_PASS = 32
_MAX_TOKENS = 128


class ImageTower(nn.Module):
    """A network from pixels to one feature vector per frame.

    Args:
        network: From normalised pixels (frames, 3, height, width) to (frames, width).
        width: Of its features.
        size: Height and width of its input, pixels.
        mean: Of the three channels, 0 to 1.
        std: Of the three channels.
    """

    mean: Tensor
    std: Tensor

    def __init__(
        self,
        network: nn.Module,
        width: int,
        size: tuple[int, int],
        mean: Sequence[float],
        std: Sequence[float],
    ) -> None:
        super().__init__()
        self.network = network
        self.width = width
        self.size = size
        self.register_buffer("mean", torch.tensor(mean).view(3, 1, 1), persistent=False)
        self.register_buffer("std", torch.tensor(std).view(3, 1, 1), persistent=False)

    def forward(
        self, frames: UInt8[Tensor, "frames height width 3"]
    ) -> Float[Tensor, "frames features"]:
        """Features of RGB frames, which are squeezed to the input size as the authors do."""
        images = frames.to(self.mean.device).permute(0, 3, 1, 2).float() / 255
        if images.shape[-2:] != self.size:
            images = F.interpolate(images, self.size, mode="bilinear", antialias=True)
            images = images.clamp(0, 1)
        return self.network((images - self.mean) / self.std)

    @torch.inference_mode()
    def in_passes(
        self, frames: UInt8[np.ndarray, "frames height width 3"]
    ) -> Float[Tensor, "frames features"]:
        """Features of any number of frames, a few at a time."""
        parts = np.split(frames, range(_FRAMES_PER_PASS, len(frames), _FRAMES_PER_PASS))
        return torch.cat([self(torch.from_numpy(part.copy())) for part in parts]).float()


def image_tower(config: CmplModelConfig, *, pretrained: bool = True) -> ImageTower:
    """Builds the image network that `config.image` names, without its classifier.

    Args:
        config: The towers.
        pretrained: Loads `config.image_weights`; without it the weights are random, to be replaced
            by those of a checkpoint.

    Raises:
        ConfigError: There is no such network or no such weights; the message names some.
    """
    family, _, name = config.image.partition(":")
    weights = config.image_weights if pretrained else ""
    if family == "torchvision":
        return _torchvision_tower(name, weights, config.image_size)
    if family == "open_clip":
        return _open_clip_tower(name, weights)
    raise ConfigError(f"image {config.image!r} has no network of its own; it needs a trunk")


def _torchvision_tower(name: str, weights: str, size: int) -> ImageTower:
    from torchvision import models

    try:
        network: Any = models.get_model(name, weights=weights or None)
    except ValueError as error:
        raise ConfigError(f"torchvision has no network {name!r}; try resnet152") from error
    except KeyError as error:
        known = ", ".join(member.name for member in models.get_model_weights(name))
        raise ConfigError(f"{name} has no weights {weights!r}; there are: {known}") from error
    # "fc" is a layer of ResNet and its relatives, "classifier" are those of MobileNet.
    part = "fc" if hasattr(network, "fc") else "classifier"
    layers = getattr(network, part, nn.Identity()).modules()
    width = next((layer.in_features for layer in layers if isinstance(layer, nn.Linear)), 0)
    if not width:
        raise ConfigError(f"{name} has no classifier that can be taken off; try resnet152")
    setattr(network, part, nn.Identity())
    return ImageTower(network, width, (size, size), (0.485, 0.456, 0.406), (0.229, 0.224, 0.225))


def _open_clip_tower(name: str, weights: str) -> ImageTower:
    import open_clip
    from open_clip.transform import PreprocessCfg

    try:
        model: Any = open_clip.create_model(name, pretrained=weights or None)
    except RuntimeError as error:
        raise ConfigError(
            f"open_clip has no model {name!r} with weights {weights!r}; try ViT-B-32"
        ) from error
    cfg = PreprocessCfg(**open_clip.get_model_preprocess_cfg(model))
    size = (cfg.size, cfg.size) if isinstance(cfg.size, int) else (cfg.size[0], cfg.size[1])
    with torch.inference_mode():
        width = model.visual.eval()(torch.zeros(1, 3, *size)).shape[1]
    return ImageTower(model.visual, width, size, cfg.mean, cfg.std)


class Adapter(nn.Module):
    """A residual network over image features; at the start it gives them back unchanged.

    Args:
        width: Of the features.
        hidden: Of the layer between; 0 leaves the features as they are for good.
    """

    def __init__(self, width: int, hidden: int) -> None:
        super().__init__()
        self.layers: nn.Module | None = None
        if hidden:
            last = nn.Linear(hidden, width)
            nn.init.zeros_(last.weight)
            nn.init.zeros_(last.bias)
            self.layers = nn.Sequential(nn.Linear(width, hidden), nn.GELU(), last)

    def forward(self, features: Float[Tensor, "frames width"]) -> Float[Tensor, "frames width"]:
        """The features plus what the network adds."""
        return features if self.layers is None else features + self.layers(features)


class BiLstm(nn.Module):
    """Word ids to one vector per sentence: a bidirectional LSTM and its maximum over the words.

    Args:
        vocabulary: Number of word ids.
        word_width: Width of the embeddings.
        lstm_width: Width in each direction; the sentence vector has twice this.
        dropout: Of embeddings and outputs, drawn anew for each word; none between time steps.
    """

    def __init__(self, vocabulary: int, word_width: int, lstm_width: int, dropout: float) -> None:
        super().__init__()
        self.words = nn.Embedding(vocabulary, word_width)
        self.lstm = nn.LSTM(word_width, lstm_width, batch_first=True, bidirectional=True)
        # Where each direction begins: (output, cell), (forwards, backwards).
        self.start = nn.Parameter(torch.empty(2, 2, lstm_width))
        self.dropout = nn.Dropout(dropout)
        self.width = 2 * lstm_width
        nn.init.xavier_uniform_(self.words.weight)
        nn.init.xavier_uniform_(self.start)
        for name, values in self.lstm.named_parameters():
            if values.ndim == 2:
                nn.init.xavier_uniform_(values)
            else:
                nn.init.zeros_(values)
                if name.startswith("bias_ih"):  # gates in order: in, forget, cell, out
                    nn.init.ones_(values[lstm_width : 2 * lstm_width])

    def forward(
        self, ids: Int[Tensor, "texts length"], mask: Bool[Tensor, "texts length"]
    ) -> Float[Tensor, "texts width"]:
        """Sentence vectors.

        Args:
            ids: Words; each text's own come first.
            mask: Which ids are words; at least one of each text. The others change nothing.
        """
        states = self.dropout(self.words(ids))
        # Packed, so that the backward direction begins at the last word and not in the padding.
        packed = pack_padded_sequence(
            states, mask.sum(1).cpu(), batch_first=True, enforce_sorted=False
        )
        begin = self.start[:, :, None].expand(-1, -1, len(ids), -1).contiguous()
        outputs, _ = self.lstm(packed, (begin[0], begin[1]))
        outputs, _ = pad_packed_sequence(outputs, batch_first=True, total_length=ids.shape[1])
        return self.dropout(outputs).masked_fill(~mask[..., None], -torch.inf).amax(1)


class CaptionIds:
    """Texts to word ids: the begin mark and the words; no end mark, as the authors cut it off.

    Args:
        tokenizer: The vocabulary.
    """

    def __init__(self, tokenizer: Tokenizer) -> None:
        self._tokenizer = tokenizer

    def rows(self, texts: Sequence[str]) -> list[list[int]]:
        """The ids of each text, at least one and at most 128."""
        encodings = self._tokenizer.encode_batch(list(texts))
        return [encoding.ids[:-1][:_MAX_TOKENS] for encoding in encodings]

    def __call__(
        self, texts: Sequence[str]
    ) -> tuple[Int[Tensor, "texts length"], Bool[Tensor, "texts length"]]:
        """Ids and which of them are words, padded to the longest text."""
        return padded(self.rows(texts))


def padded(
    rows: Sequence[Sequence[int]],
) -> tuple[Int[Tensor, "texts length"], Bool[Tensor, "texts length"]]:
    """Rows of ids as a matrix, and which of its entries are ids."""
    lengths = torch.tensor([len(row) for row in rows])
    mask = torch.arange(int(lengths.max()))[None] < lengths[:, None]
    ids = torch.zeros(mask.shape, dtype=torch.int64)
    ids[mask] = torch.tensor([number for row in rows for number in row])
    return ids, mask
