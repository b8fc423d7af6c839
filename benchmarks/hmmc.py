"""What HMMC gains on `scenes`: `python -m benchmarks.hmmc --runs runs/hmmc`.

Two tables in markdown. The first is the claim, on the bundled test clips: text-to-video R@1 of the
first caption of 1,000 clips, and 500 minimal pairs, that is a clip against its own frames in
reverse order. The shipped checkpoint stands beside the CLIP that it started from and beside mean
pooling that was fine-tuned in the same way: same towers, clips, captions, steps and learning rate,
without what mean pooling cannot use (temporal transformer, frame level, reversed clips).

The second takes things away one by one, on the validation clips; every choice was made there. The
runs that need training of their own have fewer steps than the shipped checkpoint and are compared
with one of that length.

Runs that are missing are trained first (`--train NAME` trains one and stops), a stopped one goes
on. `--card` writes both tables into the card of the shipped checkpoint.
"""

import argparse
import random
from collections.abc import Callable, Iterator, Sequence
from dataclasses import asdict, dataclass, replace
from pathlib import Path

import numpy as np
import torch
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from tqdm import tqdm

from xmr_core.checkpoints import BUNDLED, load_checkpoint, read_card, write_card
from xmr_core.datasets.scenes.captions import write_captions
from xmr_core.datasets.scenes.dataset import bundled_root, load_clips
from xmr_core.datasets.scenes.render import render_frames
from xmr_core.datasets.scenes.script import minimal_pair
from xmr_core.errors import VideoUnavailableError
from xmr_core.indexing.scenes import scenes_gallery
from xmr_core.media.worker import MediaReader, ReadRequest
from xmr_core.methods.hmmc.clips import clip_tokens
from xmr_core.methods.hmmc.config import HmmcTrainConfig, PretrainConfig
from xmr_core.methods.hmmc.files import read_model
from xmr_core.methods.hmmc.ids import reader
from xmr_core.methods.hmmc.model import HmmcEncoder
from xmr_core.methods.hmmc.train import Validation, pairs_told_apart, train_hmmc
from xmr_core.methods.hmmc.vision import features_from, tokens_after
from xmr_core.metrics import t2v_metrics
from xmr_core.opened import SCENES
from xmr_core.search import score_all
from xmr_core.training.scenes import frame_times
from xmr_core.types import LANGUAGES

COMMAND = "python -m benchmarks.hmmc --runs runs/hmmc --card"
SHIPPED = "scenes-hmmc"
PAIRS = 500
SHORT_STEPS, PRETRAIN_STEPS = 150, 120
_CLIPS_AT_ONCE = 8

BASE = HmmcTrainConfig()
SHORT = replace(BASE, steps=SHORT_STEPS)
RUNS: dict[str, HmmcTrainConfig] = {
    "mean": replace(
        BASE,
        model=replace(BASE.model, temporal_layers=0, top_frames=0),
        frame_weight=0.0,
        reversed_share=0.0,
    ),
    "short": SHORT,
    "no-frames": replace(SHORT, frame_weight=0.0, model=replace(SHORT.model, top_frames=0)),
    "pretrained": replace(SHORT, pretrain=PretrainConfig(pretrain_steps=PRETRAIN_STEPS)),
}


@dataclass(frozen=True, slots=True)
class Row:
    """One line of a table, all in percent.

    Attributes:
        system: What was measured.
        en: R@1 of English first captions.
        zh: R@1 of Chinese first captions.
        pairs: Share of minimal pairs told apart, English.
        pairs_zh: Share of minimal pairs told apart, Chinese; NaN where not measured.
    """

    system: str
    en: float
    zh: float
    pairs: float
    pairs_zh: float = float("nan")

    def markdown(self) -> str:
        """As a line of a table."""
        cells = [f"{value:.1f}" if value == value else "" for value in self._numbers()]
        return f"| {self.system} | {' | '.join(cells)} |"

    def record(self) -> dict[str, float | str]:
        """As the card keeps it."""
        return {k: v for k, v in asdict(self).items() if v == v}

    def _numbers(self) -> tuple[float, ...]:
        return self.en, self.zh, self.pairs, self.pairs_zh


class Measured:
    """Test clips, minimal pairs and validation clips as tokens, encoded once for all models.

    All models share the blocks of the vision transformer that training leaves as they are.

    Args:
        encoder: A model with these blocks.
        folder: Where the tokens are kept.
    """

    def __init__(self, encoder: HmmcEncoder, folder: Path) -> None:
        self._encoder, self._folder = encoder, folder
        clips = load_clips()
        self.captions = {name: [clip.caption(name) for clip in clips] for name in LANGUAGES}
        self.test = self._kept("test", len(clips), self._bundled)
        self.pairs = self._kept("pairs", PAIRS, self._forward)
        val = clip_tokens(
            encoder.model.visual, encoder.preprocess, "val", BASE.validation_clips,
            BASE.frames, BASE.frozen_blocks, folder, tqdm,
        )  # fmt: skip
        self.validation = Validation(BASE, val)
        self.pair_captions = {name: _pair_captions(name) for name in LANGUAGES}

    def on_test(self, system: str, encoder: HmmcEncoder) -> Row:
        """R@1 on the bundled clips and minimal pairs told apart."""
        clips, pairs = (self._features(encoder, stored) for stored in (self.test, self.pairs))
        videos = encoder.encode_video(clips, _all(clips))
        forward = encoder.encode_video(pairs, _all(pairs))
        backward = encoder.encode_video(pairs.flip(1), _all(pairs))
        recalls, shares = [], []
        for language in LANGUAGES:
            scores = encoder.score(encoder.encode_text(self.captions[language]), videos)
            recalls.append(t2v_metrics(scores.numpy()).recall_at_1)
            own, other = (encoder.encode_text(texts) for texts in self.pair_captions[language])
            shares.append(pairs_told_apart(encoder, (own, other), (forward, backward)))
        return Row(system, *recalls, *shares)

    def on_validation(self, system: str, encoder: HmmcEncoder, top_frames: int) -> Row:
        """R@1 on the validation clips and pairs told apart among them, English."""
        encoder.top_frames = top_frames
        found = self.validation.measure(encoder)
        return Row(system, found["val_en_R@1"], found["val_zh_R@1"], found["val_pairs"])

    @torch.inference_mode()
    def _features(
        self, encoder: HmmcEncoder, stored: NDArray[np.float16]
    ) -> Float[Tensor, "clips frames d"]:
        parts = []
        for first in range(0, len(stored), _CLIPS_AT_ONCE):
            tokens = torch.tensor(stored[first : first + _CLIPS_AT_ONCE]).flatten(0, 1).float()
            found = features_from(encoder.model.visual, tokens, BASE.frozen_blocks)
            parts.append(found.view(-1, BASE.frames, found.shape[-1]))
        return torch.cat(parts)

    @torch.inference_mode()
    def _kept(
        self, name: str, count: int, frames: Callable[[], Iterator[NDArray[np.uint8]]]
    ) -> NDArray[np.float16]:
        """Tokens of some clips, from `folder` if they are there."""
        path = self._folder / f"{name}-{count}x{BASE.frames}-after{BASE.frozen_blocks}.npy"
        if not path.exists():
            encoder = self._encoder
            found = [
                tokens_after(encoder.model.visual, encoder.preprocess(some), BASE.frozen_blocks)
                for some in tqdm(frames(), desc=f"encoding {name}", total=count)
            ]
            temporary = path.with_suffix(".part.npy")
            np.save(temporary, torch.stack(found).half().numpy())
            temporary.replace(path)
        return np.load(path, mmap_mode="r", allow_pickle=False)

    def _bundled(self) -> Iterator[NDArray[np.uint8]]:
        requests = [
            ReadRequest(
                bundled_root() / clip.video, BASE.frames, clip.start_s, clip.end_s, max_side=None
            )
            for clip in load_clips()
        ]
        with MediaReader(1) as reading:
            for _, video in reading.read_many(requests):
                if isinstance(video, VideoUnavailableError):
                    raise video
                yield video.frames

    def _forward(self) -> Iterator[NDArray[np.uint8]]:
        times, model = frame_times(BASE.frames), BASE.model
        for index in range(PAIRS):
            first, _ = minimal_pair(index)
            yield render_frames(first, times, model.image_width, model.image_height)


def claim(measured: Measured, shipped: HmmcEncoder, runs: Path) -> list[Row]:
    """The rows of the first table."""
    clip, sha256 = load_checkpoint(BASE.start)
    gallery = scenes_gallery(clip, SCENES / "galleries" / BASE.start, sha256)
    en, zh = (
        t2v_metrics(score_all(clip.encode_text(texts), gallery, clip)).recall_at_1
        for texts in measured.captions.values()
    )
    # The mean of the same frames in another order is the same: pairs are a matter of chance.
    zero_shot = Row("scenes-clip, mean pooling, zero-shot", en, zh, 50.0, 50.0)
    return [
        zero_shot,
        measured.on_test("mean pooling, fine-tuned in the same way", run_encoder(runs / "mean")),
        measured.on_test("HMMC (scenes-hmmc)", shipped),
    ]


def ablation(measured: Measured, shipped: HmmcEncoder, runs: Path) -> list[Row]:
    """The rows of the second table."""
    k = BASE.model.top_frames
    names = {0: "searched without the frame term", BASE.frames: "k = all"}
    rows = [
        measured.on_validation(f"{SHIPPED}, {names.get(top, f'k = {top}')}", shipped, top)
        for top in (0, 1, 2, 3, BASE.frames)
    ]
    shipped.top_frames = k
    for name, top, words in (
        ("mean", 0, "mean pooling, fine-tuned"),
        ("short", k, f"{SHORT_STEPS} steps, k = {k}"),
        ("short", 0, f"{SHORT_STEPS} steps, searched without the frame term"),
        ("no-frames", 0, f"{SHORT_STEPS} steps, trained and searched without the frame term"),
        ("pretrained", k, f"{PRETRAIN_STEPS} steps of pre-training, then {SHORT_STEPS}, k = {k}"),
    ):
        rows.append(measured.on_validation(words, run_encoder(runs / name), top))
    return rows


def run_encoder(folder: Path) -> HmmcEncoder:
    """The encoder of a finished run."""
    model = read_model(folder)
    read = reader(folder, model.config)
    return HmmcEncoder(folder.name, model, read, num_frames=BASE.frames, languages=LANGUAGES)


def train_run(name: str, runs: Path, cache: Path) -> None:
    """Trains a run, or goes on with it."""
    train_hmmc(replace(RUNS[name], cache=str(cache)), runs / name, progress=tqdm)


def _pair_captions(language: str) -> tuple[list[str], list[str]]:
    """For every minimal pair the sentence of the clip and that of its reversal."""
    texts: tuple[list[str], list[str]] = ([], [])
    for index in range(PAIRS):
        rng = random.Random(f"benchmarks/hmmc/{index}/{language}")
        for some, scene in zip(texts, minimal_pair(index), strict=True):
            some.append(write_captions(scene, language, 1, rng)[0].text)  # type: ignore[arg-type]
    return texts


def _all(features: Tensor) -> Tensor:
    return torch.ones(features.shape[:2], dtype=torch.bool)


def _table(title: str, rows: Sequence[Row]) -> str:
    head = f"| {title} | R@1 en | R@1 zh | pairs en | pairs zh |\n|---|---|---|---|---|"
    return "\n".join([head, *(row.markdown() for row in rows)])


def main(arguments: Sequence[str] | None = None) -> None:
    """Trains what is missing, measures and prints."""
    parser = argparse.ArgumentParser(description="What HMMC gains on scenes")
    parser.add_argument("--runs", type=Path, default=Path("runs/hmmc"))
    parser.add_argument("--cache", type=Path, help="tokens of drawn clips; RUNS/tokens by default")
    parser.add_argument("--train", choices=RUNS, help="train this run and stop")
    parser.add_argument("--checkpoint", type=Path, default=BUNDLED / SHIPPED)
    parser.add_argument("--card", action="store_true", help="write the tables into the card")
    options = parser.parse_args(arguments)
    torch.set_num_threads(1)
    cache = options.cache or options.runs / "tokens"
    for name in [options.train] if options.train else RUNS:
        train_run(name, options.runs, cache)
    if options.train:
        return
    shipped = run_encoder(options.checkpoint)
    measured = Measured(shipped, cache)
    test = claim(measured, shipped, options.runs)
    validation = ablation(measured, shipped, options.runs)
    print(_table("1,000 test clips, 500 minimal pairs", test))
    print("\n" + _table("500 validation clips", validation))
    if options.card:
        card = read_card(options.checkpoint)
        card.metrics["claim"] = {
            "command": COMMAND,
            "split": "scenes test, first captions; 500 minimal pairs",
            "rows": [row.record() for row in test],
            "ablation_split": f"first {BASE.validation_clips} clips of scenes val",
            "ablation": [row.record() for row in validation],
        }
        write_card(card, options.checkpoint)


if __name__ == "__main__":
    main()
