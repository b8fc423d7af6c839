"""How results are printed."""

import json
import sys
from dataclasses import asdict
from typing import Any

from xmr_core.errors import plain
from xmr_core.types import Clip, Explanation, Match, SearchResult


def print_json(record: dict[str, Any]) -> None:
    """One JSON object on one line."""
    text = json.dumps(record, ensure_ascii=False)
    # JSON escapes only the first half of the characters that a terminal obeys.
    print("".join(c if c.isprintable() else json.dumps(c)[1:-1] for c in text))


def show_result(result: SearchResult, as_json: bool) -> None:
    """A list of matches, for people or for programs."""
    if as_json:
        print_json(search_record(result))
        return
    for word in result.unknown_words:
        print(f"'{plain(word)}' is not a word this small model knows", file=sys.stderr)
    for match in result.matches:
        clip = match.clip
        print(f"{match.rank:>3}  {match.score:.3f}  {clip.id}  {_told(clip)}")
        if match.moments:
            also = ", ".join(clip_time(moment.clip) for moment in match.moments)
            print(f"              also at {also}")


def clip_time(clip: Clip) -> str:
    """Where a clip lies in its file: "1:05-1:25"; "" for a picture."""
    if clip.end_s <= clip.start_s:
        return ""
    return "-".join(f"{int(s) // 60}:{int(s) % 60:02d}" for s in (clip.start_s, clip.end_s))


def _told(clip: Clip) -> str:
    """What a list says of a clip: its caption, or where it lies."""
    return plain(clip.caption("en") if clip.captions else f"{clip.video} {clip_time(clip)}")


def search_record(result: SearchResult) -> dict[str, Any]:
    """The object that `xmr search --json` prints."""
    return {
        "query": result.query,
        "checkpoint": result.checkpoint,
        "gallery": result.gallery,
        "matches": [
            {
                "rank": match.rank,
                "id": match.clip.id,
                "score": match.score,
                "caption": match.clip.caption("en"),
                "start_s": match.clip.start_s,
                "end_s": match.clip.end_s,
                "url": match.clip.url,
                **_moments(match),
            }
            for match in result.matches
        ],
        "unknown_words": list(result.unknown_words),
        "elapsed_ms": asdict(result.elapsed_ms),
    }


def _moments(match: Match) -> dict[str, Any]:
    """Other stretches of the matched video, where it was cut into several clips."""
    rows = [
        {
            "id": moment.clip.id,
            "score": moment.score,
            "start_s": moment.clip.start_s,
            "end_s": moment.clip.end_s,
        }
        for moment in match.moments
    ]
    return {"moments": rows} if rows else {}


def explanation_record(found: Explanation) -> dict[str, Any]:
    """The object that `xmr explain --json` prints."""
    record = {name: getattr(found, name) for name in Explanation.__slots__}
    record["clip"] = found.clip.id
    return {k: v.tolist() if hasattr(v, "tolist") else v for k, v in record.items()}
