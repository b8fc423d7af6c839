"""What `benchmarks.noise` measured, as JSON, a table and a curve."""

import json
from pathlib import Path
from typing import Any

import numpy as np
from numpy.typing import NDArray

TITLES = {
    "nrccr": "NRCCR",
    "mlcmr": "MLCMR",
    "baseline": "triplet, English + Chinese",
    "baseline-zh": "triplet, Chinese alone",
}
COLOURS = {"nrccr": "#0b6e99", "mlcmr": "#b4530a", "baseline": "#555555", "baseline-zh": "#aaaaaa"}
REFERENCES = ("baseline", "baseline-zh")
"""What the noise-robust methods have to beat."""

_RESAMPLES = 10_000
_WIDTH, _HEIGHT = 640, 400
_LEFT, _RIGHT, _TOP, _BOTTOM = 60, 200, 30, 50

Record = dict[str, Any]
Course = dict[str, dict[float, list[Record]]]


def write_report(records: list[Record], out: Path) -> None:
    """Writes `noise.json`, `noise.md` and `noise.svg` to `out` and prints the table.

    Args:
        records: Of all cells, those that only chose a learning rate included.
        out: Folder.
    """
    course = _chosen(records)
    lines = [*_table(course), "", *_differences(course), "", *_learning_rates(records), ""]
    text = "\n".join(lines)
    numbers = [{k: v for k, v in one.items() if k != "ranks"} for one in records]
    _write(out / "noise.json", json.dumps(numbers, indent=2) + "\n")
    _write(out / "noise.md", text)
    _write(out / "noise.svg", curve(course))
    print(text)


def claim(records: list[Record]) -> Record:
    """R@1 of every method at every rate, for the cards of the noise-robust checkpoints."""
    course = _chosen(records)
    seeds = " ".join(str(seed) for seed in sorted(_seeds(course, 0.0)))
    return {
        "command": f"python -m benchmarks.noise --seeds {seeds}",
        "what": "R@1 of clean Chinese, first caption, 1,000 test clips, by the share of spoilt"
        " words in the Chinese training captions; small towers, few steps, all methods alike",
        **{
            TITLES[method]: {
                f"{rate:.0%}": round(_mean(some[rate], "test_zh_R@1"), 1) for rate in some
            }
            for method, some in course.items()
        },
    }


def _chosen(records: list[Record]) -> Course:
    """By method and rate, the records of the chosen learning rate with the seeds that all have."""
    course: Course = {}
    for method in TITLES:
        mine = [one for one in records if one["method"] == method]
        if not mine:
            continue
        clean = [one for one in mine if one["noise"] == 0 and one["seed"] == 0]
        lr = max(clean, key=lambda one: one["val_zh_R@1"])["lr"]
        for one in sorted(mine, key=lambda one: (one["noise"], one["seed"])):
            if one["lr"] == lr:
                course.setdefault(method, {}).setdefault(one["noise"], []).append(one)
    return {
        method: {
            rate: [r for r in mine if r["seed"] in _seeds(course, rate)]
            for rate, mine in some.items()
        }
        for method, some in course.items()
    }


def _seeds(course: Course, rate: float) -> set[int]:
    """The seeds that all methods have been trained with at a rate of noise."""
    return set.intersection(*({one["seed"] for one in some[rate]} for some in course.values()))


def _table(course: Course) -> list[str]:
    """Rows of noise, columns of methods: R@1, and R@5 behind it."""
    rates = sorted({rate for some in course.values() for rate in some})
    lines = [
        "R@1 (R@5) of clean Chinese, first caption, 1,000 test clips, after training with noise;"
        " means over trainings with different seeds:",
        "",
        "| noise | seeds | " + " | ".join(TITLES[method] for method in course) + " |",
        "|---|---|" + "---|" * len(course),
    ]
    for rate in rates:
        cells = [
            f"{_mean(some[rate], 'test_zh_R@1'):.1f} ({_mean(some[rate], 'test_zh_R@5'):.1f})"
            for some in course.values()
        ]
        seeds = min(len(some[rate]) for some in course.values())
        lines.append(f"| {rate:.0%} | {seeds} | " + " | ".join(cells) + " |")
    return lines


def _differences(course: Course) -> list[str]:
    """Gains of the noise-robust methods over the plain ones."""
    lines = [
        "Gain in R@1, with the 95 % interval of a paired bootstrap over queries (it does not hold"
        " the spread between trainings):",
        "",
    ]
    for method, some in course.items():
        for reference in REFERENCES:
            if method in REFERENCES or reference not in course:
                continue
            gains = []
            for rate, mine in some.items():
                gain, low, high = _gain(mine, course[reference][rate])
                gains.append(f"{rate:.0%} noise {gain:+.1f} ({low:+.1f} to {high:+.1f})")
            lines.append(f"* {TITLES[method]} over '{TITLES[reference]}': {', '.join(gains)}")
    return lines


def _learning_rates(records: list[Record]) -> list[str]:
    """What was tried to choose the learning rates."""
    lines = ["Learning rate by R@1 on clean Chinese of 500 validation clips, no noise:", ""]
    for method, title in TITLES.items():
        clean = [
            one for one in records if (one["method"], one["noise"], one["seed"]) == (method, 0, 0)
        ]
        tried = {one["lr"]: one["val_zh_R@1"] for one in clean}
        if tried:
            shown = ", ".join(f"{lr:g}: {value:.1f}" for lr, value in tried.items())
            seconds = np.mean(
                [one["processor_seconds"] for one in records if one["method"] == method]
            )
            lines.append(f"* {title}: {shown} (processor time {seconds:.0f} s per training)")
    return lines


def _mean(records: list[Record], name: str) -> float:
    return float(np.mean([one[name] for one in records]))


def _gain(mine: list[Record], others: list[Record]) -> tuple[float, float, float]:
    """Difference in R@1, percent, with a 95 % interval; queries are drawn with replacement."""
    difference = _hits(mine) - _hits(others)
    rng = np.random.default_rng(0)
    drawn = rng.integers(len(difference), size=(_RESAMPLES, len(difference)))
    low, high = np.percentile(difference[drawn].mean(1), (2.5, 97.5))
    return float(difference.mean()), float(low), float(high)


def _hits(records: list[Record]) -> NDArray[np.float64]:
    """Per query, 100 if it found its clip first; the mean over seeds."""
    return 100.0 * np.mean([np.array(one["ranks"]) <= 1 for one in records], axis=0)


def curve(course: Course) -> str:
    """R@1 over noise as an SVG."""
    rates = sorted({rate for some in course.values() for rate in some})
    values = [_mean(r, "test_zh_R@1") for some in course.values() for r in some.values()]
    low = 10 * int(min(values) // 10)
    high = 10 * int(max(values) // 10 + 1)
    right, bottom = _WIDTH - _RIGHT, _HEIGHT - _BOTTOM

    def x(rate: float) -> float:
        return _LEFT + (right - _LEFT) * rate / (rates[-1] or 1)

    def y(value: float) -> float:
        return bottom - (bottom - _TOP) * (value - low) / (high - low)

    parts = [
        f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {_WIDTH} {_HEIGHT}"'
        ' font-family="sans-serif" font-size="13">',
        f'<rect width="{_WIDTH}" height="{_HEIGHT}" fill="#ffffff"/>',
    ]
    for value in range(low, high + 1, 10):
        parts.append(
            f'<path d="M{_LEFT} {y(value):.1f}H{right}" stroke="#dddddd"/>'
            f'<text x="{_LEFT - 8}" y="{y(value) + 4:.1f}" text-anchor="end">{value}</text>'
        )
    for rate in rates:
        parts.append(
            f'<text x="{x(rate):.1f}" y="{bottom + 20}" text-anchor="middle">{rate:.0%}</text>'
        )
    parts.append(
        f'<text x="{(_LEFT + right) / 2}" y="{_HEIGHT - 8}" text-anchor="middle">'
        "spoilt words in the Chinese training captions</text>"
        f'<text x="{_LEFT}" y="18">R@1 of clean Chinese, %</text>'
    )
    labels = _spread({m: y(_mean(some[max(some)], "test_zh_R@1")) for m, some in course.items()})
    for method, some in course.items():
        points = [(x(rate), y(_mean(r, "test_zh_R@1"))) for rate, r in some.items()]
        line = " ".join(f"{px:.1f},{py:.1f}" for px, py in points)
        colour = COLOURS[method]
        parts.append(f'<polyline points="{line}" fill="none" stroke="{colour}" stroke-width="2"/>')
        parts += [
            f'<circle cx="{px:.1f}" cy="{py:.1f}" r="3.5" fill="{colour}"/>' for px, py in points
        ]
        parts.append(
            f'<text x="{right + 10}" y="{labels[method] + 4:.1f}" fill="{colour}">'
            f"{TITLES[method]}</text>"
        )
    return "\n".join([*parts, "</svg>"]) + "\n"


def _spread(heights: dict[str, float], gap: float = 17) -> dict[str, float]:
    """Moves labels down where they would overlap."""
    placed: dict[str, float] = {}
    lowest = -gap
    for method, height in sorted(heights.items(), key=lambda item: item[1]):
        lowest = placed[method] = max(height, lowest + gap)
    return placed


def _write(path: Path, text: str) -> None:
    path.parent.mkdir(parents=True, exist_ok=True)
    temporary = path.with_name(path.name + ".tmp")
    temporary.write_text(text, encoding="utf-8")
    temporary.replace(path)
