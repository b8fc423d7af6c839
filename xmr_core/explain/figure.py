"""An explanation as one picture: where it looked, which frames, which words.

One column per frame: the strip of frames, the curve of their scores and the table of words share
their horizontal axis, so everything above and below a frame belongs to it.
"""

import io
import os
from dataclasses import dataclass
from pathlib import Path

import numpy as np
from PIL import Image

from xmr_core.explain.colours import AGAINST, FAINT, FOR, INK, MUTED, PAPER, two_sided
from xmr_core.explain.fonts import has_chinese, warn_if_unreadable
from xmr_core.explain.sheet import Heat, Sheet
from xmr_core.types import Explanation, Video

_WIDTH, _MARGIN = 1400, 44
_LEFT, _RIGHT = 160, 1170  # the columns of frames; labels to the left, effects to the right
_CURVE_HEIGHT, _ROW_HEIGHT = 110, 34
_LARGE_PICTURES = 4


@dataclass(frozen=True, slots=True)
class _Labels:
    score: str
    looked: str
    frame: str
    whole: str
    curve: str
    words: str
    effect: str
    frame_effect: str
    unknown: str
    scale: str


_LABELS = {
    "en": _Labels(
        score="score",
        looked="Where it looked",
        frame="Best frame",
        whole="whole query",
        curve="Score of\neach frame",
        words="Word by frame",
        effect="on the whole clip",
        frame_effect="this frame",
        unknown="? a word this model does not know",
        scale="What each word and frame adds to the score, measured by leaving it out.  ",
    ),
    "zh": _Labels(
        score="得分",
        looked="模型看了哪里",
        frame="最佳帧",
        whole="整句",
        curve="每一帧\n的得分",
        words="逐词逐帧",
        effect="对整段视频",
        frame_effect="这一帧",
        unknown="? 模型不认识这个词",
        scale="去掉一个词或一帧后，得分少了多少。",
    ),
}


def write_figure(explanation: Explanation, frames: Video | None, path: Path) -> None:
    """Draws an explanation and writes it as PNG; labels are Chinese where the query is.

    Args:
        explanation: What to draw.
        frames: The frames it is about; without them there are the curve and the table only.
        path: Where to write; replaced in one step.

    Raises:
        ValueError: The frames are not those of the explanation.
    """
    count = len(explanation.frame_scores)
    if frames is not None and len(frames.frames) != count:
        raise ValueError(f"{len(frames.frames)} frames for an explanation of {count}")
    warn_if_unreadable(explanation.query)
    buffer = io.BytesIO()
    draw_figure(explanation, frames).save(buffer, "PNG", optimize=True)
    temporary = path.with_name(f".{path.name}.{os.getpid()}.tmp")
    temporary.write_bytes(buffer.getvalue())
    temporary.replace(path)


def draw_figure(explanation: Explanation, frames: Video | None) -> Image.Image:
    """The picture that `write_figure` writes."""
    sheet = Sheet(_WIDTH)
    labels = _LABELS["zh" if has_chinese(explanation.query) else "en"]
    y = _draw_title(sheet, explanation, labels, _MARGIN)
    if frames is not None:
        y = _draw_pictures(sheet, explanation, frames, labels, y + 22)
        y = _draw_strip(sheet, explanation, frames, y + 26)
    y = _draw_curve(sheet, explanation, labels, y + 14)
    y = _draw_table(sheet, explanation, labels, y + 20)
    return sheet.cut(_draw_legend(sheet, explanation, labels, y + 18) + _MARGIN)


def _columns(count: int) -> list[tuple[float, float]]:
    """Left and right edge of every frame's column; few frames do not fill the whole width."""
    step = min((_RIGHT - _LEFT) / count, 220.0)
    return [(_LEFT + i * step, _LEFT + (i + 1) * step - min(6.0, step / 8)) for i in range(count)]


def _map(explanation: Explanation, text: int, frame: int) -> np.ndarray | None:
    maps = explanation.patch_maps
    return None if maps is None else maps[text, frame]


def _wrap(sheet: Sheet, text: str, size: int, width: float) -> list[str]:
    """Lines of at most `width`; Chinese breaks between any two characters."""
    pieces = list(text) if has_chinese(text) else [f"{word} " for word in text.split()]
    lines = [""]
    for piece in pieces:
        if lines[-1] and sheet.width((lines[-1] + piece).rstrip(), size, bold=True) > width:
            lines.append("")
        lines[-1] += piece
    return [line.strip() for line in lines]


def _signed(value: float, strongest: float) -> str:
    """A signed number with as many digits as show the strongest one with two."""
    digits = 3 if strongest >= 0.01 else 4 if strongest >= 0.001 else 5
    return f"{value:+.{digits}f}".replace("-", "−")


def _draw_title(sheet: Sheet, explanation: Explanation, labels: _Labels, y: float) -> float:
    for line in _wrap(sheet, explanation.query, 30, _WIDTH - 2 * _MARGIN):
        sheet.text(_MARGIN, y + 18, line, 30, bold=True)
        y += 42
    clip = explanation.clip
    facts = f"{clip.id}     {labels.score} {explanation.score:.3f}"
    sheet.text(_MARGIN, y + 12, facts, 16, MUTED)
    return y + 26


def _draw_pictures(
    sheet: Sheet, explanation: Explanation, frames: Video, labels: _Labels, y: float
) -> float:
    """The best frame with the map of the query and of the words that matter most."""
    best = int(explanation.frame_scores.argmax())
    chosen: list[tuple[str, int | None]] = [(labels.frame, None)]
    if explanation.patch_maps is not None:
        heading = f"{labels.looked} ({explanation.patch_method})"
        sheet.text(_MARGIN, y + 10, heading, 17, bold=True)
        y += 32
        chosen.append((labels.whole, 0))
        top = _telling_words(explanation, _LARGE_PICTURES - len(chosen))
        chosen += [(explanation.words[w], w + 1) for w in top]
    gap = 14
    width = (_WIDTH - 2 * _MARGIN - (_LARGE_PICTURES - 1) * gap) / _LARGE_PICTURES
    height = width * frames.frames.shape[1] / frames.frames.shape[2]
    for i, (name, text) in enumerate(chosen):
        x = _MARGIN + i * (width + gap)
        patch_map = None if text is None else _map(explanation, text, best)
        sheet.picture(x, y, width, height, Heat(frames.frames[best], patch_map))
        sheet.text(x + width / 2, y + height + 16, name, 15, anchor="mm")
    return y + height + 28


def _telling_words(explanation: Explanation, count: int) -> list[int]:
    """The known words of the largest effect, no word twice, in the order of the sentence."""
    best: dict[str, int] = {}
    for w in np.argsort(-explanation.word_effects, kind="stable").tolist():
        if explanation.word_known[w]:
            best.setdefault(explanation.words[w].lower(), w)
    return sorted(list(best.values())[:count])


def _draw_strip(sheet: Sheet, explanation: Explanation, frames: Video, y: float) -> float:
    """All frames with the map of the whole query, and their times."""
    best = int(explanation.frame_scores.argmax())
    columns = _columns(len(frames.frames))
    width = columns[0][1] - columns[0][0]
    height = width * frames.frames.shape[1] / frames.frames.shape[2]
    every = -(-44 // round(width + 1))  # leave times out where they would touch
    for i, (left, right) in enumerate(columns):
        sheet.picture(left, y, width, height, Heat(frames.frames[i], _map(explanation, 0, i)))
        if i == best:
            sheet.frame(left - 3, y - 3, right + 3, y + height + 3, FOR, 3)
        if i % every == 0:
            time = f"{explanation.frame_times_s[i]:.1f} s"
            sheet.text((left + right) / 2, y + height + 15, time, 13, MUTED, anchor="mm")
    return y + height + 24


def _draw_curve(sheet: Sheet, explanation: Explanation, labels: _Labels, y: float) -> float:
    """The score of every frame alone, on the frames' own axis."""
    scores = explanation.frame_scores
    centres = [(left + right) / 2 for left, right in _columns(len(scores))]
    low, high = float(scores.min()), float(scores.max())
    spread = max(high - low, 1e-6)
    top, bottom = y + 14, y + _CURVE_HEIGHT - 10
    heights = [bottom - (float(score) - low) / spread * (bottom - top) for score in scores]
    for i, line in enumerate(labels.curve.split("\n")):
        sheet.text(_MARGIN, y + 44 + 21 * i, line, 15)
    for value, height in ((high, top), (low, bottom)):
        sheet.line([(centres[0] - 8, height), (centres[-1] + 8, height)], FAINT, 1)
        sheet.text(_RIGHT + 12, height, f"{value:.3f}", 13, MUTED)
        if len(scores) == 1:
            break
    sheet.line(list(zip(centres, heights, strict=True)), FOR, 2.5)
    best = int(scores.argmax())
    for i, (x, height) in enumerate(zip(centres, heights, strict=True)):
        sheet.dot(x, height, 6 if i == best else 4, FOR)
        sheet.dot(x, height, 3.5 if i == best else 2, PAPER)
    return y + _CURVE_HEIGHT


def _draw_table(sheet: Sheet, explanation: Explanation, labels: _Labels, y: float) -> float:
    """A row per word and one for the frames: effects per frame, and on the whole clip."""
    columns = _columns(len(explanation.frame_scores))
    sheet.text(_MARGIN, y + 10, labels.words, 17, bold=True)
    sheet.text(_RIGHT + 12, y + 10, labels.effect, 15, MUTED)
    y += 28
    table = explanation.word_frame
    strongest = max(float(np.abs(table).max(initial=0)), 1e-6)
    longest = max(float(np.abs(explanation.word_effects).max(initial=0)), 1e-6)
    for w, word in enumerate(explanation.words):
        known = explanation.word_known[w]
        name = word if known else f"{word} ?"
        sheet.text(_MARGIN, y + _ROW_HEIGHT / 2, name, 16, INK if known else MUTED)
        _draw_cells(sheet, table[w], strongest, columns, y)
        _draw_bar(sheet, float(explanation.word_effects[w]), longest, y)
        y += _ROW_HEIGHT
    y += 10
    effects = explanation.frame_effects
    sheet.text(_MARGIN, y + _ROW_HEIGHT / 2, labels.frame_effect, 16, MUTED)
    _draw_cells(sheet, effects, max(float(np.abs(effects).max()), 1e-6), columns, y)
    return y + _ROW_HEIGHT


def _draw_cells(
    sheet: Sheet, values: np.ndarray, strongest: float, columns: list[tuple[float, float]], y: float
) -> None:
    """A coloured cell per frame, with its value where there is room."""
    for value, (left, right) in zip(values.tolist(), columns, strict=True):
        share = value / strongest
        sheet.box(left, y + 2, right, y + _ROW_HEIGHT - 2, two_sided(share))
        if right - left >= 40:
            ink = PAPER if abs(share) > 0.75 else INK
            place = ((left + right) / 2, y + _ROW_HEIGHT / 2)
            sheet.text(*place, _signed(value, strongest), 13, ink, anchor="mm")


def _draw_bar(sheet: Sheet, value: float, longest: float, y: float) -> None:
    """A word's effect on the whole clip: to the right if it helps, to the left if it hurts."""
    zero, reach, middle = _RIGHT + 66, 50, y + _ROW_HEIGHT / 2
    end = zero + reach * value / longest
    colour = FOR if value > 0 else AGAINST
    sheet.box(min(zero, end), middle - 8, max(zero, end) + 1, middle + 8, colour)
    sheet.line([(zero, y), (zero, y + _ROW_HEIGHT)], MUTED, 1)
    sheet.text(_WIDTH - _MARGIN, middle, _signed(value, longest), 14, anchor="rm")


def _draw_legend(sheet: Sheet, explanation: Explanation, labels: _Labels, y: float) -> float:
    """How to read the table."""
    sheet.text(_MARGIN, y + 8, labels.scale, 14, MUTED)
    x = _MARGIN + sheet.width(labels.scale, 14) + 18
    for value, share in (("−", -1.0), ("", -0.5), ("0", 0.0), ("", 0.5), ("+", 1.0)):
        sheet.box(x, y - 2, x + 30, y + 18, two_sided(share) if share else FAINT)
        ink = PAPER if abs(share) == 1 else INK
        sheet.text(x + 15, y + 8, value, 13, ink, anchor="mm")
        x += 33
    if not all(explanation.word_known):
        sheet.text(_WIDTH - _MARGIN, y + 8, labels.unknown, 14, MUTED, anchor="rm")
    return y + 18
