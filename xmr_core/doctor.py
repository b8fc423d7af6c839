"""`xmr doctor`: what is installed, what works, and what to do about what does not."""

import importlib.metadata
import importlib.util
import os
import platform
import shutil
import sys
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path

from xmr_core.checkpoints import BUNDLED, CARD, read_card, verify_checkpoint
from xmr_core.errors import XmrError


@dataclass(frozen=True, slots=True)
class Finding:
    """One line of the report; `advice` says what to do about a problem and is "" where all is well.

    `needed` tells problems that stop the offline demo from those that only limit it.
    """

    name: str
    value: str
    advice: str = ""
    needed: bool = True


def findings(*, online: bool = False) -> Iterator[Finding]:
    """Looks at everything the app depends on, one finding at a time.

    Args:
        online: Also ask whether the Hub answers; nothing else here uses the network.
    """
    yield _python()
    yield Finding("platform", platform.platform())
    yield _torch_pair()
    for package in ("open_clip_torch", "transformers", "gradio", "faiss-cpu", "huggingface_hub"):
        yield _package(package)
    yield _decoder()
    yield _drawing()
    yield _font()
    yield _deno()
    yield _extra("YouTube downloads", "yt_dlp_ejs", "requirements-youtube.txt")
    yield _extra("tools for agents", "mcp", "requirements-mcp.txt")
    yield _place()
    yield _cache()
    yield _offline()
    if online:
        yield _hub()
    yield from _checkpoints()


def _python() -> Finding:
    version = platform.python_version()
    if not (3, 11) <= sys.version_info[:2] <= (3, 13):
        return Finding("python", version, "Use Python 3.11, 3.12 or 3.13.")
    return Finding("python", version)


def _torch_pair() -> Finding:
    versions = {name: _version(name) for name in ("torch", "torchvision")}
    shown = f"torch {versions['torch']}, torchvision {versions['torchvision']}"
    try:
        import torch
        import torchvision.ops

        torchvision.ops.nms(torch.zeros(1, 4), torch.zeros(1), 0.5)
    except Exception as error:
        reason = str(error).splitlines()[0]
        return Finding(
            "torch pair",
            f"{shown}: {reason}",
            "Install both from the same index in one command:"
            " pip install --force-reinstall torch torchvision",
        )
    return Finding("torch pair", shown)


def _package(name: str) -> Finding:
    version = _version(name)
    if version == "not installed":
        return Finding(name, version, "Run: pip install -r requirements.txt")
    return Finding(name, version)


def _decoder() -> Finding:
    from xmr_core.media.worker import decoder_in_use

    try:
        return Finding("video decoder", decoder_in_use())
    except XmrError as error:
        return Finding("video decoder", "none", str(error))


def _drawing() -> Finding:
    try:
        import skia
    except ImportError as error:
        return Finding(
            "drawing (skia)",
            str(error),
            "Only needed to draw scenes; on Debian: apt-get install libgl1 libegl1",
            needed=False,
        )
    return Finding("drawing (skia)", skia.__version__)


def _deno() -> Finding:
    # pip puts it beside Python, where a download also looks.
    places = os.pathsep.join([str(Path(sys.executable).parent), os.environ.get("PATH", "")])
    path = shutil.which("deno", path=places)
    if path is None:
        return Finding(
            "deno",
            "not found",
            "Only needed for YouTube downloads: pip install -r requirements-youtube.txt",
            needed=False,
        )
    return Finding("deno", path)


def _font() -> Finding:
    from xmr_core.explain.fonts import figure_font

    path = getattr(figure_font(12), "path", None)
    if not isinstance(path, str):  # Pillow's own font lies in memory
        return Finding(
            "font with Chinese",
            "not found",
            "Only needed for Chinese in figures; on Debian: apt-get install fonts-noto-cjk",
            needed=False,
        )
    return Finding("font with Chinese", path)


def _extra(what: str, module: str, requirements: str) -> Finding:
    if importlib.util.find_spec(module) is None:
        advice = f"Only needed for {what}: pip install -r {requirements}"
        return Finding(what, f"no {module}", advice, needed=False)
    return Finding(what, f"{module} {_version(module)}")


def _place() -> Finding:
    space = os.environ.get("SPACE_ID")
    if space is None:
        return Finding("place", "this machine")
    hardware = "ZeroGPU" if os.environ.get("SPACES_ZERO_GPU") == "true" else "CPU"
    return Finding("place", f"Space {space}, {hardware}; YouTube downloads are off")


def _hub() -> Finding:
    from huggingface_hub import constants, get_session
    from huggingface_hub.errors import OfflineModeIsEnabled

    try:
        answer = get_session().head(constants.ENDPOINT, timeout=10)
    except OfflineModeIsEnabled:
        return Finding("Hub", "not asked: HF_HUB_OFFLINE is set")
    except Exception as error:  # its kind is that of the client that this version of the Hub uses
        advice = "Set HF_ENDPOINT to a mirror, or work offline: what is bundled needs no network."
        value = f"{constants.ENDPOINT}: {type(error).__name__}"
        return Finding("Hub", value, advice, needed=False)
    return Finding("Hub", f"{constants.ENDPOINT} answers ({answer.status_code})")


def _cache() -> Finding:
    from huggingface_hub.constants import HF_HUB_CACHE

    folder = Path(HF_HUB_CACHE)
    existing = next(path for path in (folder, *folder.parents) if path.exists())
    if not os.access(existing, os.W_OK):
        advice = "Set HF_HOME to a folder that you can write to."
        return Finding("cache folder", f"{folder} (not writable)", advice, needed=False)
    free = shutil.disk_usage(existing).free / 2**30
    return Finding("cache folder", f"{folder} ({free:.0f} GiB free)")


def _offline() -> Finding:
    names = ("HF_HUB_OFFLINE", "TRANSFORMERS_OFFLINE")
    flags = [f"{name}={os.environ[name]}" for name in names if name in os.environ]
    return Finding("offline flags", ", ".join(flags) or "none set")


def _checkpoints() -> Iterator[Finding]:
    folders = [path.parent for path in sorted(BUNDLED.glob(f"*/{CARD}"))]
    if not folders:
        advice = "Restore the folder checkpoints/ of the repository."
        yield Finding("checkpoints", f"none in {BUNDLED}", advice)
    for folder in folders:
        try:
            if not read_card(folder).weights:
                continue  # its weights live elsewhere, and it is fetched when it is asked for
            card = verify_checkpoint(folder)
            yield Finding(f"checkpoint {card.id}", f"sha256 {card.sha256[:12]}... verified")
        except XmrError as error:
            yield Finding(f"checkpoint {folder.name}", "damaged", str(error))


def _version(package: str) -> str:
    try:
        return importlib.metadata.version(package)
    except importlib.metadata.PackageNotFoundError:
        return "not installed"
