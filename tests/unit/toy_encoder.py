"""A small real encoder for tests: colours of the frames against words that name them."""

import re
import zlib
from collections.abc import Sequence

import numpy as np
import torch
from torch import Tensor

from xmr_core.encoder import Embeddings
from xmr_core.types import Word

WIDTH = 16
COLOURS = {
    "red": (255, 0, 0),
    "green": (0, 255, 0),
    "blue": (0, 0, 255),
    "yellow": (255, 255, 0),
    "红色": (255, 0, 0),
    "绿色": (0, 255, 0),
    "蓝色": (0, 0, 255),
}


class ToyEncoder:
    """Mean colour of a frame, centred; a text is the sum of its colour words.

    Words that are no colours are hashed to directions of small length, so that no two sentences
    are quite alike.
    """

    id = "toy"
    num_frames = 4
    stores_frames = True
    languages = ("en", "zh")

    def frame_features(self, frames: np.ndarray) -> Tensor:
        means = torch.from_numpy(frames.mean(axis=(1, 2)) / 255 - 0.5).float()
        return torch.nn.functional.pad(means, (0, WIDTH - 3))

    def encode_video(self, features: Tensor, mask: Tensor) -> Embeddings:
        weights = mask.float() / mask.sum(dim=1, keepdim=True)
        mean = torch.einsum("vf,vfd->vd", weights, features)
        return Embeddings({"global": torch.nn.functional.normalize(mean, dim=1)})

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings({"global": torch.stack([self._sentence(text) for text in texts])})

    def words(self, text: str) -> tuple[Word, ...]:
        found = re.finditer(r"红色|绿色|蓝色|\w+", text)
        return tuple(Word(m[0], m.start(), m.end(), m[0] in COLOURS) for m in found)

    def score(self, queries: Embeddings, gallery: Embeddings) -> Tensor:
        return queries["global"] @ gallery["global"].T

    def _sentence(self, text: str) -> Tensor:
        total = torch.zeros(WIDTH)
        for word in self.words(text):
            if word.known:
                total[:3] += torch.tensor(COLOURS[word.text]) / 255 - 0.5
            else:
                total[3 + zlib.crc32(word.text.encode()) % (WIDTH - 3)] += 0.1
        return torch.nn.functional.normalize(total, dim=0)
