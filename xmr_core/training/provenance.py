"""Where a checkpoint comes from: the part of its card that a run fills in by itself."""

import os
import platform
import subprocess
from importlib.metadata import version
from pathlib import Path
from typing import Any


def provenance(command: str, data: str, seed: int, seconds: float) -> dict[str, Any]:
    """What somebody needs to make the same checkpoint again.

    Args:
        command: The command line that trained it.
        data: Name of the training data.
        seed: The run's only source of randomness.
        seconds: How long it took.
    """
    return {
        "command": command,
        "data": data,
        "commit": _commit(),
        "seed": seed,
        "minutes": round(seconds / 60, 1),
        "machine": _processor(),
        "torch": version("torch"),
    }


def _commit() -> str:
    """The commit of the code, with "+" where files differ from it; "unknown" outside git."""
    folder = Path(__file__).resolve().parent
    answers = []
    for command in (["rev-parse", "HEAD"], ["status", "--porcelain", "--untracked-files=no"]):
        try:
            run = subprocess.run(
                ["git", *command], cwd=folder, capture_output=True, text=True, check=True
            )
        except (OSError, subprocess.CalledProcessError):
            return "unknown"
        answers.append(run.stdout.strip())
    return answers[0] + ("+" if answers[1] else "")


def _processor() -> str:
    """Model and number of cores of the processor."""
    model = platform.processor() or platform.machine()
    info = Path("/proc/cpuinfo")
    if info.exists():
        names = [line for line in info.read_text().splitlines() if line.startswith("model name")]
        model = names[0].split(":")[1].strip() if names else model
    return f"{model}, {os.cpu_count()} cores"
