"""The page: what is on it and what calls what."""

import json
from collections.abc import Mapping
from pathlib import Path
from typing import Any

import gradio as gr
from gradio.events import api
from gradio.themes import Base, LocalFont

from demo.actions import Actions
from demo.media import routes
from demo.wording import for_browser, say
from xmr_core import Engine

ROOT = Path(__file__).resolve().parent.parent
SCRIPTS = ("kit", "moving", "head", "bar", "grid", "heat", "table", "why", "clip")
STYLES = ("base", "cards", "why", "clip")
QUERY_LIMIT = 200  # What the query box takes; the engine itself allows more.
MAX_UPLOAD = "20mb"

# Answers replace the page's own skeletons, so Gradio's spinners stay out of the way; of several
# requests in a row only the last one counts.
EVENT: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}


def build(engines: Mapping[str, Engine]) -> gr.Blocks:
    """The page over some engines, by checkpoint id; the first is the default."""
    examples = json.loads((ROOT / "assets" / "examples.json").read_text("utf-8"))
    actions = Actions(engines, {language: queries[0] for language, queries in examples.items()})

    with gr.Blocks(
        title=say("title", "en"), analytics_enabled=False, delete_cache=(600, 3600)
    ) as page:
        _part("head")
        with gr.Column(elem_id="view-search"):
            bar = _part("bar", tells="ask cancel")
            with gr.Row(elem_id="results"):
                grid = _part("grid", tells="pick", area="search")
                why = _part("why")
        with gr.Row(elem_id="view-clip"):
            with gr.Column(elem_id="clip-side"):
                upload = gr.File(
                    label=say("upload", "en"),
                    file_types=["video", "image"],
                    show_label=False,
                    elem_id="upload",
                )
                panel = _part("clip", tells="lookup shuffle cancel")
            similar = _part("grid", area="similar")
        ticket = gr.Number(0, visible=False)  # Carries the request's number of an upload.

        opened = page.load(actions.open_page, None, grid, **EVENT)
        page.load(actions.open_shelf, None, panel, **EVENT)
        asked = bar.ask(actions.ask, None, grid, **EVENT)
        picked = grid.pick(actions.pick, None, why, **EVENT)
        looked = panel.lookup(actions.lookup, None, [panel, similar], **EVENT)
        uploaded = upload.upload(
            actions.upload,
            [upload, ticket],
            [panel, similar, upload],
            js="(file) => [file, window.XMR.begin('clip')]",
            **EVENT,
        )
        panel.shuffle(actions.shuffle, None, panel, **EVENT)
        bar.cancel(None, cancels=[opened, asked])
        panel.cancel(None, cancels=[looked, uploaded])
        areas = {"search": (opened, asked), "why": (picked,), "clip": (looked, uploaded)}
        for area, events in areas.items():
            for event in events:
                event.failure(None, js=f"() => window.XMR.failed('{area}')", **EVENT)

        api(actions.api_search, api_name="search")
        api(actions.api_similar, api_name="similar")
        api(actions.api_describe, api_name="describe")
        api(actions.api_explain, api_name="explain")
    page.queue(default_concurrency_limit=2, max_size=64)
    return page


def launch_options(engines: Mapping[str, Engine]) -> dict[str, Any]:
    """What `launch` needs beside the page; `app.py` and the tests share it."""
    examples = json.loads((ROOT / "assets" / "examples.json").read_text("utf-8"))
    return {
        "theme": _theme(),
        "head": _head(engines, examples),
        "favicon_path": ROOT / "assets" / "favicon.svg",
        "app_kwargs": {"routes": routes(engines)},
        "footer_links": ["api"],
        "max_file_size": MAX_UPLOAD,
        "ssr_mode": False,
        "pwa": False,
        "run_history": False,
        "enable_monitoring": False,
        "show_error": False,
        "quiet": True,
    }


def _part(name: str, *, tells: str = "", area: str = "") -> gr.HTML:
    """A part of the page that `assets/<name>.js` draws from its value.

    The template is static: Gradio runs templates as scripts, so data must never get into one.

    Args:
        name: Function of the same name in the browser's `XMR`.
        tells: Names of the events that it sends.
        area: Which of two parts of the same kind it is.
    """
    quoted = ", ".join(f"'{event}'" for event in tells.split())
    return gr.HTML(
        html_template=f'<div class="xmr-{name}"></div>',
        js_on_load=f"window.XMR.{name}({{ element, props, trigger, watch }}, '{area}');"
        f" // tells {quoted}",
        apply_default_css=False,
        elem_id=area or name,
    )


def _head(engines: Mapping[str, Engine], examples: dict[str, list[str]]) -> str:
    """Styles and scripts, inlined; styles in the head also win when the server renders."""
    logo = (ROOT / "assets" / "logo.svg").read_text("utf-8")
    facts = {
        "words": for_browser(),
        "examples": examples,
        "methods": list(engines),
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
