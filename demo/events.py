"""What handlers share: reading what a browser sent, telling a visitor what went wrong.

This is the only place where an `XmrError` becomes a message on the page.
"""

import json
import os
import re
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path
from tempfile import gettempdir
from typing import Any

import gradio as gr

from demo.wording import Language
from demo.wording_errors import for_both
from xmr_core import XmrError

_FOLDERS = re.compile(r"""(?<![^\s'"(=:])(?:[A-Za-z]:)?[\\/](?:[^\s'"\\/:]+[\\/])+""")
"""The folders of an absolute path; the two slashes of a web address are none."""


@contextmanager
def told_to_visitor(upload: Path | None = None) -> Iterator[None]:
    """Shows an `XmrError` as a sentence; an upload is named without its folder on this server."""
    try:
        yield
    except XmrError as error:
        message = without_folders(str(error), upload)
        raise gr.Error(for_both(message), print_exception=False) from None


def without_folders(message: str, upload: Path | None = None) -> str:
    """A message without the folders of this server; the last part of each path stays."""
    if upload is not None:
        message = message.replace(str(upload), upload.name).replace(str(upload.parent), "")
    for folder in (Path(__file__).resolve().parents[1], Path.cwd(), Path.home(), gettempdir()):
        if len(str(folder)) > 1:
            message = message.replace(f"{folder}{os.sep}", "")
    return _FOLDERS.sub("", message)


def text_of(event: gr.EventData, name: str) -> str:
    """A field that the browser sent; anything that is not text counts as empty."""
    value = getattr(event, name, "")
    return value.strip() if isinstance(value, str) else ""


def number_of(event: gr.EventData, name: str) -> int:
    """A whole number that the browser sent; anything else counts as -1."""
    value = getattr(event, name, -1)
    return value if isinstance(value, int) and not isinstance(value, bool) else -1


def event_of(text: str) -> gr.EventData:
    """Fields that came as JSON beside a file; anything but an object counts as an empty one."""
    try:
        fields = json.loads(text)
    except (ValueError, RecursionError):
        fields = None
    return gr.EventData(None, fields if isinstance(fields, dict) else {})


def fields_of(event: gr.EventData, name: str) -> Mapping[str, Any]:
    """A table that the browser sent; anything else counts as an empty one."""
    value = getattr(event, name, None)
    return value if isinstance(value, Mapping) else {}


def ticket_of(event: gr.EventData) -> int:
    """The request's number, which goes back with the answer."""
    return max(0, number_of(event, "ticket"))


def language_asked(request: gr.Request) -> Language:
    """From the page's address, else from what the browser prefers."""
    asked = request.query_params.get("l") or request.headers.get("accept-language", "")
    return "zh" if asked.lower().startswith("zh") else "en"
