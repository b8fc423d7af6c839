"""Records to what the browser draws and what the visitor downloads. Pure: no engine, no Gradio."""

import csv
import io
import json
import unicodedata
from collections.abc import Callable, Mapping
from typing import Any

import numpy as np

from demo.media import Links
from demo.sources import source_of
from demo.wording import Language
from xmr_core import Clip, Description, Explanation, Match, SearchResult

Json = dict[str, Any]
Linker = Callable[[Clip], Links]

FULL_BAR_SIGMA = 6.0  # A bar is full at this many sigmas, so bars compare between queries.
_MOST_CAPTIONS = 100
_MAP_LEVELS = 63
_FIRST_LEVEL = ord("0")
_FORMULA_STARTS = ("=", "+", "-", "@", "\t", "\r", "\n")
_CSV_COLUMNS = ("rank", "id", "score", "sigma", "caption", "start_s", "end_s", "url")


def language_of(text: str) -> Language:
    """Chinese if any Chinese character is in the text, else English."""
    return "zh" if any("\u4e00" <= letter <= "\u9fff" for letter in text) else "en"


def clip_card(clip: Clip, links: Links) -> Json:
    """A clip without a score, as the browser draws it."""
    source = source_of(clip)
    return {
        "id": clip.id,
        "captions": {"en": clip.caption("en"), "zh": clip.caption("zh")},
        "captioned": bool(clip.captions),
        "folder": clip.folder,
        "start_s": rounded(clip.start_s),
        "end_s": rounded(clip.end_s),
        "source_start_s": None if clip.source_start_s is None else rounded(clip.source_start_s),
        "category": clip.category,
        "duplicate_of": clip.duplicate_of,
        "url": source.url if source else None,
        "youtube": (
            {"id": source.youtube, "start": source.start_s, "end": source.end_s}
            if source and source.youtube
            else None
        ),
        "gone": clip.gone,
        "media": links.media,
        "poster": links.poster or (links.stills[len(links.stills) // 2] if links.stills else None),
        "kind": links.kind,
        "stills": list(links.stills),
    }


def all_captions(clip: Clip) -> list[Json]:
    """All sentences about a clip, for its panel."""
    return [
        {"text": caption.text, "language": caption.language}
        for caption in clip.captions[:_MOST_CAPTIONS]
    ]


def source_card(clip: Clip, links: Links) -> Json:
    """A clip of the gallery that is asked about, with all its captions."""
    return clip_card(clip, links) | {"all_captions": all_captions(clip)}


def no_text_page(method: str, query: str, *, ticket: int) -> Json:
    """What the grid says if a method without text was asked a sentence."""
    return {"ticket": ticket, "stage": "no_text", "query": query, "checkpoint": method}


def search_page(
    result: SearchResult,
    link: Linker,
    *,
    ticket: int,
    picked: str = "",
    distances: Mapping[str, int] | None = None,
) -> Json:
    """A result list for the grid.

    Args:
        result: What the engine answered.
        link: Finds a clip's addresses.
        ticket: Number of the request, given back so that the browser can tell late answers.
        picked: Id of the clip to explain first; "" for the best one.
        distances: For methods that compare codes, how many bits of a clip differ, by clip id.
    """
    distances = distances or {}
    return {
        "ticket": ticket,
        "query": result.query,
        "checkpoint": result.checkpoint,
        "size": result.gallery_size,
        "elapsed_ms": rounded(result.elapsed_ms.total),
        "unknown": list(result.unknown_words),
        "picked": picked,
        "cards": [
            clip_card(match.clip, link(match.clip))
            | {"rank": match.rank, **score_fields(match.score, match.sigma)}
            | {"distance": distances.get(match.clip.id), "moments": _moments(match)}
            for match in result.matches
        ],
        "files": {
            "json": json.dumps(search_answer(result), ensure_ascii=False, indent=2),
            "csv": search_csv(result),
        },
    }


def _moments(match: Match) -> list[Json]:
    """Other stretches of the matched video."""
    return [
        {"id": one.clip.id, "start_s": rounded(one.clip.start_s), "end_s": rounded(one.clip.end_s)}
        for one in match.moments
    ]


def search_answer(result: SearchResult) -> Json:
    """A result list as the public API and the JSON file give it."""
    language = language_of(result.query)
    return {
        "query": result.query,
        "checkpoint": result.checkpoint,
        "gallery": result.gallery,
        "matches": [_match_row(match, language) for match in result.matches],
        "unknown_words": list(result.unknown_words),
        "elapsed_ms": {
            "encode": rounded(result.elapsed_ms.encode),
            "search": rounded(result.elapsed_ms.search),
            "total": rounded(result.elapsed_ms.total),
        },
    }


def search_csv(result: SearchResult) -> str:
    """A result list as CSV; text that a spreadsheet would run as a formula is quoted."""
    language = language_of(result.query)
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(_CSV_COLUMNS)
    for match in result.matches:
        row = _match_row(match, language)
        writer.writerow([plain_cell(row[column]) for column in _CSV_COLUMNS])
    return out.getvalue()


def describe_answer(description: Description) -> Json:
    """Captions as the public API gives them."""
    return {
        "query": description.query,
        "checkpoint": description.checkpoint,
        "gallery": description.gallery,
        "captions": [
            {
                "rank": match.rank,
                "caption": match.caption.text,
                "language": match.caption.language,
                "id": match.clip_id,
                "score": rounded(match.score),
                "sigma": rounded(match.sigma),
            }
            for match in description.captions
        ],
        "elapsed_ms": rounded(description.elapsed_ms.total),
    }


def clip_panel(
    *,
    ticket: int,
    stage: str,
    gallery: str = "",
    name: str = "",
    source: Json | None = None,
    description: Description | None = None,
    shelf: list[Json] | None = None,
) -> Json:
    """What the left side of the search by clip shows.

    Args:
        ticket: Number of the request.
        stage: "idle", "asking", "downloading", "reading", "comparing" or "done".
        gallery: Which one a shelf belongs to.
        name: File name of an upload, or id of a gallery clip.
        source: Card of the gallery clip that is asked about; None for an upload.
        description: Captions, as soon as they are known.
        shelf: Cards to choose from; None keeps those on the page.
    """
    captions = describe_answer(description)["captions"] if description else []
    for caption in captions:
        caption["bar"] = _bar(caption["sigma"])
    return {
        "ticket": ticket,
        "stage": stage,
        "gallery": gallery,
        "name": name,
        "source": source,
        "captions": captions,
        "shelf": shelf,
    }


def explain_page(explanation: Explanation, links: Links, *, ticket: int) -> Json:
    """An explanation for the panel; maps travel as one short string per frame."""
    maps = explanation.patch_maps
    return explain_answer(explanation) | {
        "ticket": ticket,
        "clip": source_card(explanation.clip, links),
        "grid": list(maps.shape[2:]) if maps is not None else None,
        "maps": [[_map_text(frame) for frame in word] for word in maps] if maps is not None else [],
    }


def explain_answer(explanation: Explanation) -> Json:
    """An explanation as the public API gives it, without the patch maps."""
    return {
        "query": explanation.query,
        "id": explanation.clip.id,
        "score": rounded(explanation.score),
        "words": [
            {"text": text, "known": known, "effect": rounded(effect)}
            for text, known, effect in zip(
                explanation.words, explanation.word_known, explanation.word_effects, strict=True
            )
        ],
        "frames": [
            {"time_s": rounded(time), "score": rounded(score), "effect": rounded(effect)}
            for time, score, effect in zip(
                explanation.frame_times_s,
                explanation.frame_scores,
                explanation.frame_effects,
                strict=True,
            )
        ],
        "word_frame": [[rounded(effect) for effect in row] for row in explanation.word_frame],
        "patch_method": explanation.patch_method,
        "elapsed_ms": rounded(explanation.elapsed_ms),
    }


def _match_row(match: Match, language: Language) -> Json:
    return {
        "rank": match.rank,
        "id": match.clip.id,
        "score": rounded(match.score),
        "sigma": rounded(match.sigma),
        "caption": match.clip.caption(language),
        "start_s": rounded(match.clip.start_s),
        "end_s": rounded(match.clip.end_s),
        "url": match.clip.url,
    }


def score_fields(score: float, sigma: float) -> Json:
    """A score as cards show it."""
    return {"score": rounded(score), "sigma": rounded(sigma), "bar": _bar(sigma)}


def _bar(sigma: float) -> float:
    """Length of a score bar, 0 to 1."""
    return rounded(min(max(sigma / FULL_BAR_SIGMA, 0.0), 1.0))


def rounded(value: float) -> float:
    """A plain float of four decimals; JSON knows no infinities, so they become 0."""
    number = float(value)
    return round(number, 4) if np.isfinite(number) else 0.0


def _map_text(frame: np.ndarray) -> str:
    """A patch map as one letter per patch, row by row: "0" is nothing, "o" is the maximum."""
    levels = np.rint(np.clip(np.nan_to_num(frame), 0, 1) * _MAP_LEVELS).astype(int)
    return "".join(chr(_FIRST_LEVEL + level) for level in levels.ravel())


def plain_cell(value: Any) -> Any:
    """A CSV cell; numbers stay numbers, None becomes empty."""
    if isinstance(value, str):
        # Spreadsheets skip what cannot be seen, and some take wide signs for plain ones.
        seen = (letter for letter in value if letter.isprintable() and not letter.isspace())
        first = unicodedata.normalize("NFKC", next(seen, ""))
        if value.startswith(_FORMULA_STARTS) or first.startswith(_FORMULA_STARTS):
            return f"'{value}"
    return "" if value is None else value
