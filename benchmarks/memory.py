"""Memory and start of the page: `python -m benchmarks.memory`, and with `--msrvtt` the larger case.

The app runs as visitors get it, in a process of its own, and is asked through its public API: every
method that reads text, an explanation, captions and similar clips for an upload. Memory is the
proportional set size (PSS: shared pages counted once) of the app and all its children, looked at
five times a second; Linux only.

`--msrvtt` adds a gallery of the size of MSR-VTT (10,000 clips, 12 frames each with 512 numbers in
float16, 20 captions each) and open_clip's ViT-B-32. Both are random: sizes are those of the real
ones, answers mean nothing.
"""

import argparse
import json
import os
import socket
import subprocess
import sys
import tempfile
import threading
import time
import urllib.request
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import numpy as np
from gradio_client import Client, handle_file
from open_clip import OPENAI_DATASET_MEAN, OPENAI_DATASET_STD

from xmr_core.checkpoints import bundled_checkpoints
from xmr_core.gallery import Gallery, GalleryCard, is_gallery
from xmr_core.types import Caption, Clip

ROOT = Path(__file__).resolve().parents[1]
UPLOAD = ROOT / "assets" / "scenes" / "clips" / "scene0004.mp4"
QUERY = "a pink sailboat on the sea"
CLIPS, FRAMES, WIDTH, CAPTIONS = 10_000, 12, 512, 20
WORDS = "a man is playing the guitar while people dance in front of an old house".split()


class Memory:
    """Watches a process and its children.

    Attributes:
        peak: Largest PSS seen, in bytes.
        now: PSS at the last look.
    """

    def __init__(self, pid: int) -> None:
        self.pid, self.peak, self.now = pid, 0, 0
        self._ended = threading.Event()
        self._thread = threading.Thread(target=self._watch, daemon=True)
        self._thread.start()

    def look(self) -> None:
        """Measures once."""
        self.now = sum(_pss(pid) for pid in _family(self.pid))
        self.peak = max(self.peak, self.now)

    def stop(self) -> None:
        """Ends the watch."""
        self._ended.set()
        self._thread.join()

    def _watch(self) -> None:
        while not self._ended.wait(0.2):
            self.look()


def _family(pid: int) -> list[int]:
    """A process and all that it started, directly or not."""
    found = [pid]
    try:
        children = Path(f"/proc/{pid}/task/{pid}/children").read_text().split()
        for task in Path(f"/proc/{pid}/task").iterdir():
            children += (task / "children").read_text().split()
    except OSError:  # it has ended
        return []
    for child in set(children):
        found += _family(int(child))
    return found


def _pss(pid: int) -> int:
    try:
        text = Path(f"/proc/{pid}/smaps_rollup").read_text()
    except OSError:
        return 0
    return next(int(line.split()[1]) for line in text.splitlines() if line.startswith("Pss:")) << 10


@contextmanager
def app(arguments: list[str], temporary: Path) -> Iterator[tuple[str, Memory, float]]:
    """The running app: its address, its memory, and the seconds until the page could be opened."""
    with socket.socket() as probe:
        probe.bind(("127.0.0.1", 0))
        port = probe.getsockname()[1]
    environment = os.environ | {
        "GRADIO_SERVER_PORT": str(port),
        "GRADIO_TEMP_DIR": str(temporary / "uploads"),
        "HF_HUB_OFFLINE": "1",
        "NO_PROXY": "127.0.0.1",
    }
    began = time.monotonic()
    process = subprocess.Popen([sys.executable, "app.py", *arguments], cwd=ROOT, env=environment)
    memory = Memory(process.pid)
    address = f"http://127.0.0.1:{port}/"
    try:
        _wait_for(address, process)
        yield address, memory, time.monotonic() - began
    finally:
        memory.stop()
        process.terminate()
        process.wait(timeout=30)


def _wait_for(address: str, process: subprocess.Popen[bytes]) -> None:
    while process.poll() is None:
        try:
            with urllib.request.urlopen(address, timeout=30):
                return
        except OSError:
            time.sleep(0.05)
    raise SystemExit("the app did not start")


def measure(arguments: list[str], temporary: Path, gallery: str, methods: list[str]) -> None:
    """Prints one table."""
    with app(arguments, temporary) as (address, memory, opened):
        print("| after | seconds | PSS, MB | largest so far, MB |\n|---|---|---|---|")

        def tell(what: str, seconds: float) -> None:
            memory.look()
            print(
                f"| {what} | {seconds:.1f} | {memory.now / 1e6:,.0f} | {memory.peak / 1e6:,.0f} |"
            )

        tell("the page can be opened", opened)
        client = Client(address, verbose=False)

        def ask(function: str, *arguments: object, **options: object) -> None:
            client.predict(*arguments, **options, gallery=gallery, api_name=f"/{function}")

        def step(what: str, action: Callable[[], object]) -> None:
            began = time.monotonic()
            action()
            tell(what, time.monotonic() - began)

        step("the first query", lambda: ask("search", QUERY))
        step("the same again", lambda: ask("search", QUERY))
        step("an explanation", lambda: ask("explain", QUERY, _first_clip(client, gallery)))
        for name in methods:
            step(f"a query to {name}", lambda name=name: ask("search", QUERY, checkpoint=name))
        file = handle_file(str(UPLOAD))
        step("an upload: captions", lambda: ask("describe", file))
        step("an upload: similar clips", lambda: ask("similar", file))
        step("eight queries at once", lambda: _together(client, gallery))


def _first_clip(client: Client, gallery: str) -> str:
    answer = client.predict(QUERY, 1, gallery=gallery, api_name="/search")
    return answer["matches"][0]["id"]


def _together(client: Client, gallery: str) -> None:
    jobs = [client.submit(f"{QUERY} {n}", gallery=gallery, api_name="/search") for n in range(8)]
    for job in jobs:
        job.result()


def random_msrvtt(folder: Path) -> tuple[Path, Path]:
    """A checkpoint of the size of ViT-B-32 and a gallery of the size of MSR-VTT."""
    from xmr_core.checkpoints import load_checkpoint

    model, gallery = folder / "ViT-B-32", folder / "msrvtt"
    if not model.is_dir():
        write_random_clip(model)
    if is_gallery(gallery):
        return model, gallery
    encoder, sha256 = load_checkpoint(str(model))
    generator = np.random.default_rng(0)
    frames = np.empty((CLIPS, FRAMES, WIDTH), np.float16)
    for row in frames:
        row[:] = generator.standard_normal((FRAMES, WIDTH), np.float32)
    parts = {
        "global": frames.mean(axis=1, dtype=np.float32),
        "frames": frames,
        "mask": np.ones((CLIPS, FRAMES), bool),
        "text:en:global": generator.standard_normal((CLIPS, WIDTH), np.float32),
    }
    clips = tuple(_random_clip(f"video{n}", generator) for n in range(CLIPS))
    card = GalleryCard("msrvtt", encoder.id, sha256, WIDTH, FRAMES, CLIPS, ".")
    Gallery(card, clips, parts).save(gallery)
    return model, gallery


def write_random_clip(folder: Path) -> None:
    """Random weights in open_clip's layout, in float32 as most are published."""
    import open_clip
    import torch
    from safetensors.torch import save_file

    torch.manual_seed(0)
    model = open_clip.create_model("ViT-B-32")
    config = {
        "model_cfg": open_clip.get_model_config("ViT-B-32"),
        "preprocess_cfg": {"mean": list(OPENAI_DATASET_MEAN), "std": list(OPENAI_DATASET_STD)},
    }
    folder.mkdir(parents=True)
    (folder / "open_clip_config.json").write_text(json.dumps(config))
    state = {name: part.detach().contiguous() for name, part in model.state_dict().items()}
    save_file(state, str(folder / "open_clip_model.safetensors"))


def _random_clip(name: str, generator: np.random.Generator) -> Clip:
    texts = (" ".join(generator.choice(WORDS, 10)) for _ in range(CAPTIONS))
    return Clip(
        name, f"{name}.mp4", 0.0, 15.0,
        captions=tuple(Caption(text, "en") for text in texts),
        url=f"https://www.youtube.com/watch?v={name:0>11}", source_start_s=10.0,
    )  # fmt: skip


def main() -> None:
    """Measures one of the two cases."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--msrvtt", action="store_true", help="with ViT-B-32 and 10,000 clips")
    parser.add_argument("--folder", type=Path, help="where the random files are made and kept")
    given = parser.parse_args()
    with tempfile.TemporaryDirectory() as temporary:
        folder = given.folder or Path(temporary)
        if given.msrvtt:
            model, gallery = random_msrvtt(folder)
            wanted = ["--gallery", f"msrvtt={gallery}", "--checkpoint", str(model)]
            measure(wanted, Path(temporary), "msrvtt", [])
            return
        methods = [card.id for card in bundled_checkpoints() if card.languages]
        measure([], Path(temporary), "scenes", methods)


if __name__ == "__main__":
    main()
