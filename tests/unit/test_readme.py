"""What the README promises is what is there."""

import re
import subprocess
import sys
from pathlib import Path

import pytest

from xmr_core.checkpoints import BUNDLED

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text(encoding="utf-8")


def test_files_that_the_readme_shows_exist():
    for path in re.findall(r"\]\((?!http)([^)#]+)\)", README):
        assert (ROOT / path).exists(), path


@pytest.mark.skipif(not any(BUNDLED.glob("*/card.toml")), reason="no bundled checkpoints here")
def test_the_table_of_results_is_that_of_the_cards():
    run = subprocess.run(
        [sys.executable, "-m", "benchmarks.results_table", "--check"],
        cwd=ROOT,
        capture_output=True,
        text=True,
    )
    assert run.returncode == 0, run.stdout
