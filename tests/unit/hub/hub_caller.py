"""A process that calls the Hub part as a test asks, so that HF_ENDPOINT is read at its import.

One JSON list per line comes in: a name of `CALLS` and its arguments. One JSON object per line goes
out: `{"value": ...}`, or `{"error": the sentence, "type": its class}`.
"""

import json
import subprocess
import sys
from pathlib import Path
from typing import Any


def fetch(address: str, kind: str = "model", files: dict[str, str] | None = None) -> list[Any]:
    from xmr_core.hub import fetch, parse_address

    shown: list[int] = []

    def progress(iterable, *, desc=None, total=None):
        for item in iterable:
            shown.append(total)
            yield item

    folder = fetch(parse_address(address, kind), files, progress)  # type: ignore[arg-type]
    names = sorted(str(p.relative_to(folder)) for p in folder.rglob("*") if p.is_file())
    return [str(folder), names, len(shown), shown[:1]]


def fetch_source(source: dict[str, Any]) -> str:
    from xmr_core.hub import fetch_source

    return str(fetch_source(_card(source)))


def verify_source(source: dict[str, Any]) -> None:
    from xmr_core.hub import verify_source

    verify_source(_card(source))


def _card(source: dict[str, Any]):
    from xmr_core.types import CheckpointCard

    return CheckpointCard("some", "clip", "", ("en",), 4, 1, "", "", "MIT", source=source)


def pinned(text: str) -> str:
    from xmr_core.hub import pinned

    return pinned(text, "model")


def gallery_folder(address: str) -> str:
    from xmr_core.hub import gallery_folder, parse_address

    return str(gallery_folder(parse_address(address, "dataset")))


def find_card(name: str) -> str:
    from xmr_core.checkpoints import find_card

    card = find_card(name)
    return card.id if card else ""


CALLS = {
    call.__name__: call
    for call in (fetch, fetch_source, verify_source, pinned, gallery_folder, find_card)
}


class Caller:
    """The other end: starts the process, and asks it."""

    def __init__(self, environment: dict[str, str]) -> None:
        self._process = subprocess.Popen(
            [sys.executable, __file__],
            env=environment,
            stdin=subprocess.PIPE,
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            text=True,
        )

    def __call__(self, name: str, *arguments: Any) -> dict[str, Any]:
        assert self._process.stdin and self._process.stdout
        self._process.stdin.write(json.dumps([name, *arguments]) + "\n")
        self._process.stdin.flush()
        return json.loads(self._process.stdout.readline())

    def value(self, name: str, *arguments: Any) -> Any:
        answer = self(name, *arguments)
        assert "value" in answer, answer
        return answer["value"]

    def error(self, name: str, *arguments: Any) -> str:
        answer = self(name, *arguments)
        assert answer.get("type") in ("HubError", "GalleryError", "CheckpointError"), answer
        assert "\n" not in answer["error"]
        return answer["error"]

    def close(self) -> None:
        self._process.communicate()


def main() -> None:
    for line in sys.stdin:
        name, *arguments = json.loads(line)
        try:
            answer = {"value": CALLS[name](*arguments)}
        except Exception as error:
            answer = {"error": str(error), "type": type(error).__name__}
        sys.stdout.write(json.dumps(answer) + "\n")
        sys.stdout.flush()


if __name__ == "__main__":
    sys.path.insert(0, str(Path(__file__).resolve().parents[3]))
    main()
