"""`python -m xmr_core.datasets.scenes --write | --check`: the bundled clips of `scenes`."""

import argparse
import sys
from pathlib import Path

from tqdm import tqdm

from xmr_core.datasets.scenes import dataset
from xmr_core.errors import XmrError


def main(arguments: list[str] | None = None) -> int:
    """Runs the command; returns its exit status."""
    options = _parser().parse_args(arguments)
    try:
        return _write(options) if options.write else _check(options)
    except XmrError as error:
        print(error, file=sys.stderr)
        return 2


def _parser() -> argparse.ArgumentParser:
    parser = argparse.ArgumentParser(prog="python -m xmr_core.datasets.scenes", description=__doc__)
    task = parser.add_mutually_exclusive_group(required=True)
    task.add_argument("--write", action="store_true", help="draw the test clips")
    task.add_argument("--check", action="store_true", help="draw some again and compare")
    parser.add_argument("--out", type=Path, default=dataset.bundled_root(), help="their folder")
    parser.add_argument("--count", type=int, default=1000, help="how many clips to write")
    parser.add_argument("--sample", type=int, default=20, help="how many clips to check")
    return parser


def _write(options: argparse.Namespace) -> int:
    from xmr_core.datasets.scenes import ship

    ship.write(options.out, options.count, tqdm)
    for folder in ("clips", "posters"):
        size = sum(path.stat().st_size for path in (options.out / folder).iterdir())
        print(f"{folder}: {size / 1e6:.1f} MB")
    return 0


def _check(options: argparse.Namespace) -> int:
    from xmr_core.datasets.scenes import ship

    report = ship.check(options.out, options.sample, tqdm)
    if report.problems:
        print("; ".join(report.problems))
        return 1
    print(
        f"{report.checked} of {report.total} clips drawn again: frames (lowest PSNR "
        f"{report.lowest_psnr_db:.1f} dB), captions and boxes are what the code makes"
    )
    return 0


if __name__ == "__main__":
    sys.exit(main())
