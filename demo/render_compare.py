"""Lists of several methods to what the browser draws. Pure: no engine, no Gradio."""

import csv
import io
from collections.abc import Sequence
from dataclasses import dataclass

from demo.codes import Codes, code_fields, distances
from demo.render import (
    Json,
    Linker,
    clip_card,
    language_of,
    plain_cell,
    rounded,
    score_fields,
)
from xmr_core import SearchResult
from xmr_core.compare import Comparison, compare, overlap

SHOWN = 10


@dataclass(frozen=True, slots=True)
class Answer:
    """What one method said.

    Attributes:
        name: Id of the checkpoint.
        result: Its list, or None if it could not answer.
        codes: Bits of the query and of some clips, by clip id; empty for real-valued methods.
        error: Why there is no list, in the words of the package.
        reason: The same as a key of the page's own wording, or "".
    """

    name: str
    result: SearchResult | None
    codes: Codes
    error: str = ""
    reason: str = ""


def loading(ticket: int, name: str, number: int, count: int) -> Json:
    """What is shown while models are being loaded."""
    return {"ticket": ticket, "stage": "loading", "name": name, "number": number, "count": count}


def compare_page(
    answers: Sequence[Answer], link: Linker, *, ticket: int, query: str, source: Json | None
) -> Json:
    """Lists side by side.

    Args:
        answers: One per method; at least one has a list.
        link: Finds a clip's addresses.
        ticket: Number of the request.
        query: The sentence; "" if a clip was asked about.
        source: Card of the clip that was asked about.
    """
    lists = [answer.result for answer in answers if answer.result]
    found = compare(lists, SHOWN)
    names = [answer.name for answer in answers if answer.result]
    clips = {match.clip.id: match.clip for result in lists for match in result.matches}
    return {
        "ticket": ticket,
        "stage": "done",
        "query": query,
        "source": source,
        "size": max(result.gallery_size for result in lists),
        "elapsed_ms": rounded(sum(result.elapsed_ms.total for result in lists)),
        "shared_by_all": sum(
            all(ranks.get(clip_id, SHOWN + 1) <= SHOWN for ranks in found.ranks)
            for clip_id in found.clips
        ),
        "clips": {
            clip_id: clip_card(clips[clip_id], link(clips[clip_id])) for clip_id in found.clips
        },
        "columns": [
            _column(answer, answer.result, names, found)
            if answer.result
            else {"id": answer.name, "error": answer.error, "reason": answer.reason}
            for answer in answers
        ],
        "csv": ranks_csv(names, lists, found),
    }


def inspect_page(answers: Sequence[Answer], clip: Json, *, ticket: int, query: str) -> Json:
    """One clip in every list: its rank, its score, and its bits where there are some."""
    rows = []
    for answer in answers:
        matches = answer.result.matches if answer.result else ()
        match = next((match for match in matches if match.clip.id == clip["id"]), None)
        if match is None or answer.result is None:
            rows.append({"id": answer.name, "error": answer.error, "reason": answer.reason})
            continue
        rows.append(
            {
                "id": answer.name,
                "rank": match.rank,
                "size": answer.result.gallery_size,
                **score_fields(match.score, match.sigma),
                "distance": distances(answer.codes).get(clip["id"]),
            }
        )
    return {
        "ticket": ticket,
        "query": query,
        "clip": clip,
        "rows": rows,
        "codes": [
            fields
            for answer in answers
            if (fields := code_fields(answer.name, answer.codes, clip["id"]))
        ],
    }


def agreement_page(
    lists: Sequence[tuple[str, Answer, Answer]],
    link: Linker,
    *,
    ticket: int,
    pair: tuple[str, str],
) -> Json:
    """How far a method's lists for two sentences of the same meaning agree."""
    rows: list[Json] = []
    clips = {}
    for name, *answers in lists:
        results = [answer.result for answer in answers if answer.result]
        if len(results) < len(answers):
            failed = next(answer for answer in answers if not answer.result)
            rows.append({"id": name, "error": failed.error, "reason": failed.reason})
            continue
        heads = [[match.clip for match in result.matches[:SHOWN]] for result in results]
        clips |= {clip.id: clip for head in heads for clip in head}
        rows.append(
            {
                "id": name,
                "overlap": overlap(results[0], results[1], SHOWN),
                "lists": [[clip.id for clip in head] for head in heads],
            }
        )
    return {
        "ticket": ticket,
        "pair": list(pair),
        "rows": rows,
        "clips": {clip_id: clip_card(clip, link(clip)) for clip_id, clip in clips.items()},
    }


def measure_page(ticket: int, times: Json, now: str, runs: int) -> Json:
    """Measured times so far; `now` is the method being measured, "" at the end."""
    return {"ticket": ticket, "times": dict(times), "now": now, "runs": runs}


def ranks_csv(names: Sequence[str], lists: Sequence[SearchResult], found: Comparison) -> str:
    """One row per clip that any method shows, one column of ranks per method."""
    language = language_of(lists[0].query)
    captions = {
        match.clip.id: match.clip.caption(language) for result in lists for match in result.matches
    }
    out = io.StringIO(newline="")
    writer = csv.writer(out)
    writer.writerow(["id", "caption", *map(plain_cell, names)])
    for clip_id in found.clips:
        ranks = [ranks.get(clip_id) for ranks in found.ranks]
        writer.writerow(
            [plain_cell(value) for value in (clip_id, captions[clip_id], *ranks)],
        )
    return out.getvalue()


def _column(answer: Answer, result: SearchResult, names: Sequence[str], found: Comparison) -> Json:
    place = names.index(answer.name)
    differing = distances(answer.codes)
    return {
        "id": answer.name,
        "error": "",
        "reason": "",
        "elapsed_ms": rounded(result.elapsed_ms.total),
        "unknown": list(result.unknown_words),
        "overlaps": dict(zip(names, found.overlaps[place], strict=True)),
        "only": sorted(found.only_here[place]),
        "ranks": dict(found.ranks[place]),
        "rows": [
            {
                "id": match.clip.id,
                "rank": match.rank,
                **score_fields(match.score, match.sigma),
                "distance": differing.get(match.clip.id),
            }
            for match in result.matches[:SHOWN]
        ],
    }
