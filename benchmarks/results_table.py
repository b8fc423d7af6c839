"""Writes the README's tables of results from the checkpoints' cards.

`python -m benchmarks.results_table` rewrites them, `--check` only says whether they are up to date.
"""

import sys
from pathlib import Path
from typing import Any

from xmr_core.checkpoints import bundled_checkpoints
from xmr_core.types import CheckpointCard

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- results -->", "<!-- /results -->"


def tables() -> str:
    """Text to video of every checkpoint that reads text; clip to clip of those that do not."""
    cards = bundled_checkpoints()
    return "\n".join([*_retrieval(cards), "", *_actions(cards)]).rstrip()


def _retrieval(cards: tuple[CheckpointCard, ...]) -> list[str]:
    lines = [
        "| checkpoint | embedding | en t2v R@1 | R@5 | R@10 | MedR | zh t2v R@1 | en v2t R@1"
        " | trained |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    for card in cards:
        measured = card.metrics.get("retrieval")
        if measured is None:
            continue
        english, chinese = (_first(measured, language) for language in ("en", "zh"))
        t2v = " | ".join(f"{english['t2v'][name]:.1f}" for name in ("R@1", "R@5", "R@10", "MedR"))
        lines.append(
            f"| {card.id} | {_size(card)} | {t2v} | {chinese['t2v']['R@1']:.1f} |"
            f" {english['v2t']['R@1']:.1f} | {card.trained['minutes']:g} min |"
        )
    command = "`xmr evaluate CHECKPOINT --data scenes --split test --json`"
    return [*lines, "", f"Each row is printed by {command}."]


def _actions(cards: tuple[CheckpointCard, ...]) -> list[str]:
    rows = [(card, card.metrics["hashing"]) for card in cards if "hashing" in card.metrics]
    if not rows:
        return []
    lines = [
        "| checkpoint | embedding | clip to clip, mAP | trained |",
        "|---|---|---|---|",
        *(
            f"| {card.id} | {_size(card)} | {measured['mAP']:.1f} % |"
            f" {card.trained['minutes']:g} min |"
            for card, measured in sorted(rows, key=lambda row: row[0].bits)
        ),
    ]
    return [*lines, "", f"Printed by `{rows[0][1]['command']}`: {rows[0][1]['protocol']}."]


def _first(measured: dict[str, Any], language: str) -> dict[str, Any]:
    """The result of the first caption of each clip in a language."""
    for result in (measured, *measured["more"]):
        line = result["protocol"]
        if (line["captions"], line["language"]) == ("first", language):
            return result
    raise ValueError(f"the card has no result for the first caption in {language}")


def _size(card: CheckpointCard) -> str:
    size = f"{card.bytes_per_clip:,} bytes"
    if card.bits:
        return f"{card.bits} bits = {size}"
    frames = f" x (1 + {card.num_frames} frames)" if card.compares_frames else ""
    return f"{card.width} numbers{frames} = {size}"


def main() -> int:
    """Writes or checks the tables; returns the exit status."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    wanted = f"{before}{BEGIN}\n{tables()}\n{END}{after}"
    if "--check" in sys.argv:
        if text != wanted:
            print("README.md: the tables of results are not those of the cards")
        return int(text != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
