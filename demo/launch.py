"""What surrounds the page: styles, scripts, colours and the options of its server."""

import json
import os
from pathlib import Path
from typing import Any

from gradio.themes import Base, LocalFont

from demo.examples import read_examples
from demo.galleries import Galleries, gallery_facts
from demo.guard import app_options
from demo.media import routes
from demo.methods import method_facts
from demo.wording import for_browser
from demo.youtube import youtube_facts

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = (
    "kit", "moving", "source", "picker", "galleries", "filters", "bits", "head", "bar", "grid",
    "heat", "table", "why", "clip", "youtube", "columns", "compare", "inspect", "pairs", "curve",
    "metrics", "own",
)  # fmt: skip
STYLES = (
    "base", "picker", "filters", "cards", "source", "why", "clip", "youtube", "compare", "inspect",
    "metrics", "own",
)  # fmt: skip
QUERY_LIMIT = 200  # What the query box takes; the engine itself allows more.
MAX_UPLOAD = "20mb"


def launch_options(galleries: Galleries, *, has_own: bool = False) -> dict[str, Any]:
    """What `launch` needs beside the page; `app.py` and the tests share it.

    Args:
        galleries: Those of the page.
        has_own: Whether the page has a view of own videos.
    """
    return {
        "theme": _theme(),
        "head": _head(galleries, has_own),
        "favicon_path": ROOT / "assets" / "favicon.svg",
        "app_kwargs": app_options(routes(galleries)),
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


def _head(galleries: Galleries, has_own: bool) -> str:
    """Styles and scripts, inlined; styles in the head also win when the server renders."""
    logo = (ROOT / "assets" / "logo.svg").read_text("utf-8")
    facts = {
        "words": for_browser(),
        "galleries": gallery_facts(galleries, read_examples()),
        "methods": method_facts(galleries),
        "limit": QUERY_LIMIT,
        "own": has_own,
        "youtube": youtube_facts(),
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
