"""What surrounds the page: styles, scripts, colours and the options of its server."""

import json
import os
from collections.abc import Mapping
from pathlib import Path
from typing import Any

from gradio.themes import Base, LocalFont

from demo.examples import Examples, read_examples
from demo.media import routes
from demo.methods import method_facts
from demo.wording import for_browser
from xmr_core import Engine

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = (
    "kit", "moving", "picker", "bits", "head", "bar", "grid", "heat", "table", "why", "clip",
    "columns", "compare", "inspect", "pairs", "curve", "metrics",
)  # fmt: skip
STYLES = ("base", "picker", "cards", "why", "clip", "compare", "inspect", "metrics")
QUERY_LIMIT = 200  # What the query box takes; the engine itself allows more.
MAX_UPLOAD = "20mb"


def launch_options(engines: Mapping[str, Engine]) -> dict[str, Any]:
    """What `launch` needs beside the page; `app.py` and the tests share it."""
    return {
        "theme": _theme(),
        "head": _head(engines, read_examples()),
        "favicon_path": ROOT / "assets" / "favicon.svg",
        "app_kwargs": {"routes": routes(engines)},
        "footer_links": ["api"],
        "max_file_size": MAX_UPLOAD,
        # GRADIO_SSR_MODE decides; not on a Space, where it is always set and costs a second server.
        "ssr_mode": False if "SPACE_ID" in os.environ else None,
        "pwa": False,
        "run_history": False,
        "enable_monitoring": False,
        "show_error": False,
        "quiet": True,
    }


def _head(engines: Mapping[str, Engine], examples: Examples) -> str:
    """Styles and scripts, inlined; styles in the head also win when the server renders."""
    logo = (ROOT / "assets" / "logo.svg").read_text("utf-8")
    facts = {
        "words": for_browser(),
        "examples": examples.queries,
        "pairs": examples.pairs,
        "methods": method_facts(engines),
        "limit": QUERY_LIMIT,
        "logo": logo,
    }
    data = json.dumps(facts, ensure_ascii=False).replace("<", "\\u003c")
    folder = ROOT / "demo" / "assets"
    styles = "\n".join((folder / f"{name}.css").read_text("utf-8") for name in STYLES)
    scripts = "\n".join((folder / f"{name}.js").read_text("utf-8") for name in SCRIPTS)
    return f"<style>{styles}</style><script>window.XMR_FACTS = {data};\n{scripts}</script>"


def _theme() -> Base:
    plex = LocalFont("IBM Plex Sans", weights=(400, 600, 700))
    fonts = [plex, "Noto Sans CJK SC", "PingFang SC", "Microsoft YaHei", "system-ui", "sans-serif"]
    return Base(primary_hue="indigo", secondary_hue="teal", neutral_hue="slate", font=fonts).set(
        body_background_fill="*neutral_50",
        body_background_fill_dark="*neutral_950",
        body_text_color_subdued="*neutral_600",
        body_text_color_subdued_dark="*neutral_400",
    )
