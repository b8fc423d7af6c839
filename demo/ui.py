"""The page: what is on it and what calls what."""

from typing import Any

import gradio as gr
from gradio.events import Dependency

from demo.actions import Actions
from demo.comparing import Comparing
from demo.examples import examples_for, first_queries, read_examples
from demo.galleries import Galleries, opened
from demo.limits import QUEUE
from demo.own import Own
from demo.public import PublicApi
from demo.wording import say
from demo.youtube import Pasting

# Answers replace the page's own skeletons, so Gradio's spinners stay out of the way. Of several
# requests in a row only the last one counts: the page sees to that itself (`lastly` in kit.js),
# because Gradio's "always_last" sends the last one with what an earlier one carried.
EVENT: dict[str, Any] = {
    "api_visibility": "private",
    "show_progress": "hidden",
    "trigger_mode": "multiple",
}


def build(galleries: Galleries, own: Own | None = None) -> gr.Blocks:
    """The page over some galleries, each with engines by checkpoint id; the first is the default.

    Args:
        galleries: By name; with `own` its shelf.
        own: Where people's own videos are kept; None for a page without them.

    Raises:
        ValueError: There is nothing to search.
    """
    if not galleries or not all(galleries.values()):
        raise ValueError("a page needs a gallery, and every gallery an engine")
    examples = {
        name: examples_for(engine.gallery_name, engine.clips, read_examples())
        for name in galleries
        for engine in [opened(galleries, name).first]
    }
    actions = Actions(galleries, {name: first_queries(some) for name, some in examples.items()})
    with gr.Blocks(
        title=say("title", "en"), analytics_enabled=False, delete_cache=(600, 3600)
    ) as page:
        _part("head")
        bar = _part("bar", tells="ask cancel")
        _search_view(page, bar, actions)
        _clip_view(page, actions)
        _method_views(Comparing(galleries, {name: some.pairs for name, some in examples.items()}))
        if own is not None:
            _own_view(page, own)
        PublicApi(galleries).publish()
    # Closed: whoever calls past the queue would not wait for anybody.
    page.queue(default_concurrency_limit=2, max_size=QUEUE, api_open=False)
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
            field = _part("youtube", tells="paste drop")
            panel = _part("clip", tells="lookup shuffle cancel")
        similar = _part("grid", area="similar")
    asked = gr.Textbox("", visible=False)  # What an upload carries beside the file, as JSON.

    page.load(actions.open_shelf, None, panel, **EVENT)
    looked = panel.lookup(actions.lookup, None, [panel, similar], **EVENT)
    uploaded = upload.upload(
        actions.upload,
        [upload, asked],
        [panel, similar, upload],
        js="(file) => [file, window.XMR.asText({ ticket: window.XMR.begin('clip') })]",
        **EVENT,
    )
    # More than of the others: who only looks something up must not wait for downloads.
    pasted = field.paste(
        Pasting(actions).paste, None, [field, panel, similar], concurrency_limit=4, **EVENT
    )
    field.drop(None, cancels=[pasted])
    panel.shuffle(actions.shuffle, None, panel, **EVENT)
    panel.cancel(None, cancels=[looked, uploaded, pasted])
    _tell_failures("clip", looked, uploaded)
    pasted.then(None, js="() => window.XMR.pasteOver()", **EVENT)


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


def _own_view(page: gr.Blocks, own: Own) -> None:
    """People's own videos: what is indexed, how far it is, and bringing more."""
    # Gone with the session, and with it what the visitor brought.
    token = gr.State(None, delete_callback=own.visitors.end)
    with gr.Column(elem_id="view-own"):
        upload = gr.File(
            label=say("own_yours", "en"),
            file_types=["video", "image"],
            file_count="multiple",
            show_label=False,
            elem_id="own-upload",
        )
        panel = _part("own", tells="look update stop remove")

    page.load(own.open, None, panel, **EVENT)
    looked = panel.look(own.look, token, panel, **EVENT)
    brought = upload.upload(
        own.upload, [upload, token], [panel, token, upload], concurrency_limit=1, **EVENT
    )
    updated = panel.update(own.update, token, panel, **EVENT)
    stopped = panel.stop(own.stop, token, panel, **EVENT)
    removed = panel.remove(own.remove, token, [panel, token], **EVENT)
    _tell_failures("own", looked, brought, updated, stopped, removed)


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
