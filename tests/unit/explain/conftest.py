"""Small encoders with known or random weights for the tests of explanations."""

import re
import zlib
from collections.abc import Sequence

import numpy as np
import open_clip
import pytest
import torch
from torch import Tensor, nn
from torch.nn import functional as F

from xmr_core.encoder import Embeddings
from xmr_core.types import Clip, Video, Word

RECTANGULAR = {
    "embed_dim": 32,
    "vision_cfg": {
        "image_size": [48, 80], "patch_size": 16, "width": 64, "layers": 3, "head_width": 32,
    },
    "text_cfg": {"context_length": 8, "vocab_size": 16, "width": 32, "heads": 1, "layers": 1},
}  # fmt: skip
SQUARE_QUICKGELU = {
    **RECTANGULAR,
    "quick_gelu": True,
    "vision_cfg": {**RECTANGULAR["vision_cfg"], "image_size": 64, "ls_init_value": 0.5},
}


def split_words(text: str) -> tuple[Word, ...]:
    return tuple(Word(m[0], m.start(), m.end(), True) for m in re.finditer(r"\w+", text))


def word_vector(word: str, width: int) -> Tensor:
    """The same random vector for the same word in every process."""
    generator = torch.Generator().manual_seed(zlib.crc32(word.encode()))
    return torch.randn(width, generator=generator)


class LinearEncoder:
    """Its score is a plain inner product of sums, so all effects are known in closed form."""

    id = "linear"
    num_frames = 4
    stores_frames = True
    languages = ("en",)
    width = 6

    def frame_features(self, frames: np.ndarray) -> Tensor:
        return torch.from_numpy(frames).float().flatten(1)[:, : self.width]

    def encode_video(self, features: Tensor, mask: Tensor) -> Embeddings:
        return Embeddings({"global": (features * mask.unsqueeze(-1)).sum(1)})

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        zero = torch.zeros(self.width)
        return Embeddings(
            {
                "global": torch.stack(
                    [
                        sum((word_vector(w.text, self.width) for w in split_words(t)), zero)
                        for t in texts
                    ]
                )
            }
        )

    def score(self, queries: Embeddings, gallery: Embeddings) -> Tensor:
        return queries["global"] @ gallery["global"].T

    def words(self, text: str) -> tuple[Word, ...]:
        return split_words(text)


class TowerEncoder(LinearEncoder):
    """A random open_clip image tower, mean pooling, and a bag of random word vectors."""

    id = "tower"

    def __init__(self, config: dict, *, crop: bool = False, seed: int = 0) -> None:
        with torch.random.fork_rng():
            torch.manual_seed(seed)
            self.model: nn.Module = open_clip.CLIP(**config).eval()
            for name, parameter in self.model.named_parameters():
                if name.endswith("bias"):  # zero at birth, which would hide a forgotten bias
                    nn.init.normal_(parameter, std=0.1)
        self.width = config["embed_dim"]
        self.image_size = self.model.visual.image_size
        self.crop = crop

    def preprocess(self, frames: np.ndarray) -> Tensor:
        images = torch.from_numpy(frames).permute(0, 3, 1, 2).float() / 255
        if self.crop:
            side, extra = images.shape[2], images.shape[3] - images.shape[2]
            images = images[..., extra // 2 : extra // 2 + side]
        return (F.interpolate(images, self.image_size, mode="bilinear") - 0.5) / 0.25

    @torch.inference_mode()
    def frame_features(self, frames: np.ndarray) -> Tensor:
        return self.model.encode_image(self.preprocess(frames), normalize=True)

    def encode_video(self, features: Tensor, mask: Tensor) -> Embeddings:
        weights = mask.unsqueeze(-1).float()
        mean = (features * weights).sum(1) / weights.sum(1)
        return Embeddings({"global": F.normalize(mean, dim=-1)})

    def encode_text(self, texts: Sequence[str]) -> Embeddings:
        return Embeddings({"global": F.normalize(super().encode_text(texts)["global"], dim=-1)})


@pytest.fixture(scope="session", params=["rectangular", "square"])
def tower_encoder(request: pytest.FixtureRequest) -> TowerEncoder:
    config = RECTANGULAR if request.param == "rectangular" else SQUARE_QUICKGELU
    return TowerEncoder(config)


@pytest.fixture(scope="session")
def linear_encoder() -> LinearEncoder:
    return LinearEncoder()


@pytest.fixture(scope="session")
def make_tower():
    """Builds a tower encoder: `make_tower(seed=1)`, `make_tower(square=True, crop=True)`."""

    def make(config: dict | None = None, *, square: bool = False, **kwargs) -> TowerEncoder:
        return TowerEncoder(config or (SQUARE_QUICKGELU if square else RECTANGULAR), **kwargs)

    return make


@pytest.fixture(scope="session")
def video() -> Video:
    rng = np.random.default_rng(0)
    coarse = rng.integers(0, 256, (4, 6, 10, 3), np.uint8)
    frames = coarse.repeat(12, axis=1).repeat(12, axis=2)
    return Video(frames, np.array([0.5, 1.5, 2.5, 3.5]), 4.0, "test")


@pytest.fixture(scope="session")
def clip() -> Clip:
    return Clip("clip-1", "clip-1.mp4", 0.0, 4.0)
