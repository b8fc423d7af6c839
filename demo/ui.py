"""The page: what is on it and what calls what."""

from collections.abc import Mapping
from typing import Any

import gradio as gr
from gradio.events import Dependency

from demo.actions import Actions
from demo.comparing import Comparing
from demo.examples import read_examples
from demo.public import PublicApi
from demo.wording import say
from xmr_core import Engine

# Answers replace the page's own skeletons, so Gradio's spinners stay out of the way; of several
# requests in a row only the last one counts.
EVENT: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "always_last",
}


def build(engines: Mapping[str, Engine]) -> gr.Blocks:
    """The page over some engines, by checkpoint id; the first is the default."""
    examples = read_examples()
    actions = Actions(
        engines, {language: queries[0] for language, queries in examples.queries.items()}
    )
    with gr.Blocks(
        title=say("title", "en"), analytics_enabled=False, delete_cache=(600, 3600)
    ) as page:
        _part("head")
        bar = _part("bar", tells="ask cancel")
        _search_view(page, bar, actions)
        _clip_view(page, actions)
        _method_views(Comparing(engines, examples.pairs))
        PublicApi(engines).publish()
    page.queue(default_concurrency_limit=2, max_size=64)
    return page


def _search_view(page: gr.Blocks, bar: gr.HTML, actions: Actions) -> None:
    """By sentence: matches and why the chosen one matched."""
    with gr.Row(elem_id="view-search"):
        grid = _part("grid", tells="pick", area="search")
        why = _part("why")
    opened = page.load(actions.open_page, None, grid, **EVENT)
    asked = bar.ask(actions.ask, None, grid, **EVENT)
    picked = grid.pick(actions.pick, None, why, **EVENT)
    bar.cancel(None, cancels=[opened, asked])
    _tell_failures("search", opened, asked)
    _tell_failures("why", picked)


def _clip_view(page: gr.Blocks, actions: Actions) -> None:
    """By clip: captions that fit it and clips like it."""
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
    # What an upload carries beside the file; the browser fills both in.
    ticket, method = gr.Number(0, visible=False), gr.Textbox("", visible=False)

    page.load(actions.open_shelf, None, panel, **EVENT)
    looked = panel.lookup(actions.lookup, None, [panel, similar], **EVENT)
    uploaded = upload.upload(
        actions.upload,
        [upload, ticket, method],
        [panel, similar, upload],
        js="(file) => [file, window.XMR.begin('clip'), window.XMR.state.method]",
        **EVENT,
    )
    panel.shuffle(actions.shuffle, None, panel, **EVENT)
    panel.cancel(None, cancels=[looked, uploaded])
    _tell_failures("clip", looked, uploaded)


def _method_views(comparing: Comparing) -> None:
    """All methods on one query, and what was measured of them."""
    with gr.Column(elem_id="view-compare"):
        compare = _part("compare", tells="compare cancel")
        inspect = _part("inspect", tells="inspect")
        pairs = _part("pairs", tells="agree")
    with gr.Column(elem_id="view-metrics"):
        metrics = _part("metrics", tells="measure cancel")

    compared = compare.compare(comparing.compare, None, compare, **EVENT)
    compare.cancel(None, cancels=[compared])
    inspected = inspect.inspect(comparing.inspect, None, inspect, **EVENT)
    agreed = pairs.agree(comparing.agree, None, pairs, **EVENT)
    # Two measurements at once would measure each other.
    measured = metrics.measure(comparing.measure, None, metrics, concurrency_limit=1, **EVENT)
    metrics.cancel(None, cancels=[measured])
    _tell_failures("compare", compared)
    _tell_failures("inspect", inspected)
    _tell_failures("pairs", agreed)
    _tell_failures("metrics", measured)


def _tell_failures(area: str, *events: Dependency) -> None:
    """Makes the parts of an area say that there is no answer."""
    for event in events:
        event.failure(None, js=f"() => window.XMR.failed('{area}')", **EVENT)


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
