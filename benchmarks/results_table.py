"""Writes the README's table of results from the checkpoints' cards.

`python -m benchmarks.results_table` rewrites it, `--check` only says whether it is up to date.
"""

import sys
from pathlib import Path

from xmr_core.checkpoints import bundled_checkpoints

README = Path(__file__).resolve().parents[1] / "README.md"
BEGIN, END = "<!-- results -->", "<!-- /results -->"
COLUMNS = ("R@1", "R@5", "R@10", "MedR", "MeanR")


def table() -> str:
    """The Markdown table, one row per checkpoint, language and direction."""
    lines = [
        "| checkpoint | captions | direction | R@1 | R@5 | R@10 | MedR | MeanR | ceiling R@1 |",
        "|---|---|---|---|---|---|---|---|---|",
    ]
    commands = []
    for card in bundled_checkpoints():
        measured = card.metrics.get("retrieval")
        if measured is None:
            continue
        commands.append(f"`{measured['command']}`")
        for result in (measured, *measured["more"]):
            if result["protocol"]["captions"] != "first":
                continue
            language = result["protocol"]["language"]
            best = f"{measured['ceiling'][f'first {language}']['R@1']:.1f}"
            for direction in ("t2v", "v2t"):
                numbers = " | ".join(f"{result[direction][name]:.1f}" for name in COLUMNS)
                ceiling = best if direction == "t2v" else ""
                lines.append(
                    f"| {card.id} | first {language} | {direction} | {numbers} | {ceiling} |"
                )
    return "\n".join([*lines, "", f"Printed by {', '.join(commands)}."])


def main() -> int:
    """Writes or checks the table; returns the exit status."""
    text = README.read_text(encoding="utf-8")
    before, rest = text.split(BEGIN)
    after = rest.split(END)[1]
    wanted = f"{before}{BEGIN}\n{table()}\n{END}{after}"
    if "--check" in sys.argv:
        if text != wanted:
            print("README.md: the table of results is not that of the cards")
        return int(text != wanted)
    README.write_text(wanted, encoding="utf-8")
    return 0


if __name__ == "__main__":
    sys.exit(main())
