"""An Engine without a model, for what the real one cannot be made to do on demand.

It ranks by shared words, draws its own two-second clips and can be slow, broken or hostile: its
captions carry markup and template syntax on purpose.
"""

import math
import threading
import time
import zlib
from collections.abc import Sequence
from pathlib import Path
from typing import Any

import numpy as np

from xmr_core import (
    Caption,
    CaptionMatch,
    CheckpointError,
    Clip,
    Description,
    Elapsed,
    Engine,
    Explanation,
    Filter,
    GalleryError,
    Match,
    NothingAdmittedError,
    SearchResult,
    VideoUnavailableError,
    XmrError,
)
from xmr_core.sources import NamedClips
from xmr_core.types import CheckpointCard

COLOURS = {
    "red": ("红色", (214, 60, 52)),
    "blue": ("蓝色", (58, 104, 214)),
    "green": ("绿色", (60, 160, 88)),
    "yellow": ("黄色", (238, 200, 62)),
}
THINGS = {"car": "汽车", "ball": "球", "fish": "鱼"}
HOSTILE = "<img src=x onerror=document.title='owned'> ${document.title='owned'} {{7*7}} `x` =1+1"
FRAMES, GRID = 8, 7
SLOW = "slow"


def clips() -> tuple[Clip, ...]:
    """Twelve plain clips, one with hostile captions and a link, one whose file is missing."""
    made = [
        Clip(
            id=f"{colour}_{thing}",
            video=f"{colour}_{thing}.mp4",
            start_s=0.0,
            end_s=2.0,
            captions=(
                Caption(f"A {colour} {thing} drifts slowly to the left.", "en"),
                Caption(f"一个{zh_colour}的{zh_thing}慢慢向左移动。", "zh"),
            ),
        )
        for colour, (zh_colour, _) in COLOURS.items()
        for thing, zh_thing in THINGS.items()
    ]
    made.append(
        Clip("hostile", "red_car.mp4", 0.5, 1.5, (Caption(HOSTILE, "en"),), None, "https://x.test/")
    )
    made.append(Clip("gone", "gone.mp4", 0.0, 2.0, (Caption("A lost film.", "en"),)))
    return tuple(made)


def draw(folder: Path) -> None:
    """Writes the clips' files and stills into `folder`."""
    import av
    from PIL import Image, ImageDraw

    for colour, (_, rgb) in COLOURS.items():
        for index, thing in enumerate(THINGS):
            with av.open(folder / f"{colour}_{thing}.mp4", "w") as file:
                stream = file.add_stream("libx264", rate=12)
                stream.width, stream.height, stream.pix_fmt = 320, 180, "yuv420p"
                for frame in range(24):
                    sky = tuple(int(c * 0.35 + 120 - 30 * index) for c in rgb)
                    picture = Image.new("RGB", (320, 180), sky)
                    pen = ImageDraw.Draw(picture)
                    pen.rectangle((0, 130, 320, 180), fill=(70, 84, 78))
                    x = 250 - frame * 8
                    box = (x - 34, 70 + 10 * index, x + 34, 138)
                    (pen.ellipse if index else pen.rectangle)(box, fill=rgb)
                    if frame == 12:
                        picture.save(folder / f"{colour}_{thing}.webp", quality=80)
                    file.mux(stream.encode(av.VideoFrame.from_image(picture)))
                file.mux(stream.encode())


class StandIn(Engine):
    """Ranks by shared words (letters, for Chinese); everything else is made up but plausible."""

    def __init__(
        self,
        folder: Path,
        card: CheckpointCard | None = None,
        gallery: str = "scenes",
        some: tuple[Clip, ...] = (),
    ) -> None:
        self._card = card or cards()[0]
        self.checkpoint = self._card.id
        self._folder = folder
        self._gallery = gallery
        self._clips = some or clips()
        self._by_id = {clip.id: clip for clip in self._clips}

    @property
    def card(self) -> CheckpointCard:
        return self._card

    @property
    def gallery_name(self) -> str:
        return self._gallery

    @property
    def made_by(self) -> str:
        return "scenes-clip"

    @property
    def clips(self) -> tuple[Clip, ...]:
        return self._clips

    def warm_up(self) -> None:
        pass

    def clip(self, clip_id: str) -> Clip:
        if clip_id not in self._by_id:
            raise GalleryError(f"There is no clip {clip_id!r} in the gallery {self._gallery}.")
        return self._by_id[clip_id]

    def find(self, text: str) -> Clip | None:
        return NamedClips(self._clips).find(text)

    def media_path(self, clip_id: str) -> Path:
        return self._folder / self.clip(clip_id).video

    def poster_path(self, clip_id: str) -> Path | None:
        path = self.media_path(clip_id).with_suffix(".webp")
        return path if path.exists() else None

    def still_paths(self, clip_id: str) -> tuple[Path, ...]:
        paths = (self._folder / "stills" / f"{clip_id}.{n}.webp" for n in range(3))
        return tuple(path for path in paths if path.exists())

    def _words(self, text: str) -> list[str]:
        return text.lower().replace(".", "").split() if text.isascii() else [c for c in text]

    def _shared(self, asked: set[str], clip: Clip) -> int:
        texts = [caption.text for caption in clip.captions] or [clip.id.replace("_", " ")]
        return max(len(asked & set(self._words(text))) for text in texts)

    def _ranked(
        self, text: str, top: int, without: str = "", where: Filter | None = None
    ) -> tuple[Match, ...]:
        asked = set(self._words(text))
        scored = [
            (self._score(self._shared(asked, clip), text, clip), clip)
            for clip in self._clips
            if clip.id != without and (where or Filter()).admits(clip)
        ]
        if not scored:
            raise NothingAdmittedError(f"The gallery {self._gallery} has no such clip.")
        scores = np.array([score for score, _ in scored])
        spread = float(scores.std()) or 1.0
        scored.sort(key=lambda pair: -pair[0])
        return tuple(
            Match(rank, clip, score, (score - float(scores.mean())) / spread)
            for rank, (score, clip) in enumerate(scored[:top], 1)
        )

    def _score(self, shared: int, text: str, clip: Clip) -> float:
        """Shared words; other checkpoints than the first disagree a little, each in its own way."""
        chance = zlib.crc32(f"{self.checkpoint} {text} {clip.id}".encode()) / 2**32
        if self.bits:
            return float(
                self.bits - round(self.bits * max(0.0, 0.5 - 0.1 * shared + 0.12 * chance))
            )
        return shared / 10 + (0 if self.checkpoint == "scenes-clip" else 0.12 * chance)

    def codes_of(
        self, query: str, clip_ids: Sequence[str], *, by_clip: bool = False
    ) -> tuple[np.ndarray, np.ndarray]:
        text = self._text_of(query) if by_clip else query
        asked = set(self._words(text))
        first = np.random.default_rng(zlib.crc32(text.encode())).integers(0, 2, self.bits, np.uint8)
        others = np.tile(first, (len(clip_ids), 1))
        for clip_id, second in zip(clip_ids, others, strict=True):
            clip = self.clip(clip_id)
            differing = self.bits - int(self._score(self._shared(asked, clip), text, clip))
            places = np.random.default_rng(zlib.crc32(clip_id.encode())).permutation(self.bits)
            second[places[:differing]] ^= 1
        return first, others

    def _result(self, query: str, matches: tuple[Match, ...], unknown: tuple[str, ...] = ()):
        elapsed = Elapsed(encode=9.0, search=1.5, total=11.6)
        return SearchResult(
            query, self.checkpoint, self._gallery, len(self._clips), matches, unknown, elapsed
        )

    def search(self, query: str, top: int = 10, where: Filter | None = None) -> SearchResult:
        if self.card.method == "broken":
            raise CheckpointError(f"{self.checkpoint}: weights.safetensors is missing <b>here</b>")
        if not self.reads_text:
            raise XmrError(f"{self.checkpoint} compares clips with clips and reads no text.")
        if not query.strip():
            raise XmrError("The query is empty: write a sentence.")
        if len(query) > 500:
            raise XmrError(f"The query has {len(query)} characters; at most 500 are allowed.")
        if SLOW in query.split():
            time.sleep(4)
        if "crash" in query:
            raise RuntimeError("/secret/path of this machine")
        unknown = tuple(w for w in self._words(query) if w == "giraffe")
        return self._result(query, self._ranked(query, top, where=where), unknown)

    def _text_of(self, video: str | Path) -> str:
        if isinstance(video, str) and video in self._by_id:
            return self._by_id[video].caption("en").replace("_", " ")
        if Path(video).stat().st_size < 1000:
            raise VideoUnavailableError(f"{Path(video).name} is not a video that can be read.")
        time.sleep(1.5)
        return "a red car"

    def similar(
        self, video: str | Path, top: int = 10, where: Filter | None = None
    ) -> SearchResult:
        text = self._text_of(video)
        matches = self._ranked(text, top, without=str(video), where=where)
        return self._result(Path(video).name, matches)

    def describe(self, video: str | Path, top: int = 10) -> Description:
        if not any(clip.captions for clip in self._clips):
            raise GalleryError(f"The gallery {self._gallery} has no captions.")
        ranked = self._ranked(self._text_of(video), top)
        found = tuple(
            CaptionMatch(m.rank, m.clip.captions[m.rank % 2 - 1], m.clip.id, m.score, m.sigma)
            for m in ranked
            if m.clip.captions
        )
        return Description(Path(video).name, "scenes-clip", "scenes", found, Elapsed(9, 1, 10))

    def explain(self, query: str, clip_id: str) -> Explanation:
        clip = self.clip(clip_id)
        words = tuple(self._words(query))
        rng = np.random.default_rng(len(query))
        step = (clip.end_s - clip.start_s) / FRAMES
        table = rng.normal(0.02, 0.03, (len(words), FRAMES)).astype(np.float32)
        at = np.linspace(0.75, 0.25, FRAMES)
        rows, columns = np.mgrid[0:GRID, 0:GRID] / (GRID - 1)
        spots = [np.exp(-((columns - x) ** 2 + (rows - 0.6) ** 2) * 18) for x in at]
        maps = np.stack([np.stack(spots)] * (1 + len(words))).astype(np.float32)
        return Explanation(
            query=query,
            clip=clip,
            score=0.31,
            words=words,
            word_known=tuple(w != "giraffe" for w in words),
            word_effects=table.mean(1) if len(words) else np.zeros(0, np.float32),
            frame_times_s=clip.start_s + step * (np.arange(FRAMES) + 0.5),
            frame_scores=np.array([0.2 + 0.1 * math.sin(f) for f in range(FRAMES)], np.float32),
            frame_effects=rng.normal(0, 0.01, FRAMES).astype(np.float32),
            word_frame=table,
            patch_maps=maps if self.media_path(clip_id).exists() else None,
            patch_method="Grad-ECLIP" if self.media_path(clip_id).exists() else "",
            elapsed_ms=140.0,
        )


def retrieval(first: float, **wrong: Any) -> dict[str, Any]:
    """Made-up numbers as `xmr evaluate --card` writes them."""

    def report(language: str, recall: float) -> dict[str, Any]:
        numbers = {
            "R@1": recall,
            "R@5": recall + 20,
            "R@10": recall + 30,
            "MedR": 2.0,
            "MeanR": 9.5,
            "n": 14,
        }
        protocol = {
            "split": "scenes test",
            "language": language,
            "captions": "first",
            "ties": "expected",
            "t2v_gallery_size": 14,
        }
        back = {**numbers, "R@1": recall + 2}
        return {"protocol": protocol, "t2v": {**numbers, **wrong}, "v2t": back}

    command = "xmr evaluate NAME --data scenes --split test --card"
    return {**report("en", first), "command": command, "more": [report("zh", first + 1)]}


def cards() -> list[CheckpointCard]:
    """One of every kind: real-valued, codes, English only, no text, nothing measured, broken."""

    def card(name: str, method: str, title: str, **values: Any) -> CheckpointCard:
        languages = values.pop("languages", ("en", "zh"))
        width = values.pop("width", values.get("bits", 0) or 256)
        return CheckpointCard(
            name, method, title, languages, width, 12, "weights.safetensors", "", "MIT", **values
        )

    trained = {"command": "xmr train clip --out runs/x", "minutes": 58.6, "machine": "2 cores"}
    made = [
        card(
            "scenes-clip",
            "clip",
            "Small CLIP trained on scenes, mean pooling, English and Chinese",
            metrics={
                "retrieval": retrieval(50.0),
                "explanations": {"command": "python -m benchmarks.explain", "pointing": 0.2},
            },
            trained=trained,
        )
    ]
    made += [
        card(
            f"scenes-cmfh-{bits}",
            "cmfh",
            f"CMFH, {bits} bits",
            bits=bits,
            trunk="scenes-clip",
            metrics={"retrieval": retrieval(recall, **wrong)},
        )
        for bits, recall, wrong in (
            (16, 8.0, {"MeanR": float("nan")}),
            (64, 24.0, {}),
            (128, 31.5, {}),
        )
    ]
    made += [
        card("scenes-english", "cmpl", "<img src=x onerror=alert(1)> {{7*7}}", languages=("en",)),
        *(
            card(
                f"scenes-triplet-{bits}",
                "triplet",
                f"Video hashing by triplets, {bits} bits",
                languages=(),
                bits=bits,
                metrics={"claim": {"command": "python -m benchmarks.triplet", "mAP": score}},
            )
            for bits, score in ((32, 41.0), (64, 47.5))
        ),
        card("scenes-broken", "broken", "A checkpoint whose weights are gone"),
    ]
    return made


def main() -> None:
    """Serves the page over the stand-in: `python stand_in.py FOLDER`."""
    import sys

    from stand_in_galleries import copy_holidays, draw_stills, films, holidays

    from demo.launch import launch_options
    from demo.ui import build

    folder = Path(sys.argv[1])
    folder.mkdir(parents=True, exist_ok=True)
    if not any(folder.glob("*.mp4")):
        draw(folder)
        draw_stills(folder)
        copy_holidays(folder)
    of_films = [card for card in cards() if card.id in ("scenes-clip", "scenes-cmfh-64")]
    galleries = {
        "scenes": {card.id: StandIn(folder, card) for card in cards()},
        "films": {card.id: StandIn(folder, card, "films", films()) for card in of_films},
        "holidays": {"scenes-clip": StandIn(folder, None, "holidays", holidays())},
    }
    build(galleries).launch(**launch_options(galleries), prevent_thread_lock=True)
    threading.Event().wait()


if __name__ == "__main__":
    main()
