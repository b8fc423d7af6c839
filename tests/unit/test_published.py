"""Every command that README.md and docs/published.md show can be typed."""

import functools
import re
import shlex
import sys
from importlib import import_module
from inspect import Parameter, signature
from pathlib import Path
from typing import get_args

import pytest

from xmr_core import __main__ as command_line
from xmr_core.commands import shelf, training
from xmr_core.commands.shelf import CONVERTERS, Format

ROOT = Path(__file__).resolve().parents[2]
PAGES = ("README.md", "docs/published.md")


def shown(page):
    """The xmr commands in the page's shell blocks."""
    text = (ROOT / page).read_text(encoding="utf-8")
    blocks = re.findall(r"```bash\n(.*?)```", text, re.DOTALL)
    lines = "\n".join(blocks).replace("\\\n", " ").splitlines()
    for line in lines:
        words = shlex.split(line, comments=True)
        if words[:3] == ["python", "-m", "xmr_core"]:
            words = ["xmr", *words[3:]]
        if words[:1] == ["xmr"]:
            yield words


COMMANDS = [(page, words) for page in PAGES for words in shown(page)]


@pytest.fixture
def typed(monkeypatch):
    """Parses a command as `xmr` does and gives back what would have been called with what."""
    called = []

    def recorded(function):
        @functools.wraps(function)
        def record(*arguments, **options):
            called.append(signature(function).bind(*arguments, **options).arguments)

        return record

    stubs = {name: recorded(function) for name, function in command_line.COMMANDS.items()}
    monkeypatch.setattr(command_line, "COMMANDS", stubs)
    monkeypatch.setattr(training, "_train", lambda *arguments: called.append(arguments))
    monkeypatch.setattr(command_line, "serve", lambda given: called.append(given))

    def parse(words):
        monkeypatch.setattr(sys, "argv", words)
        command_line.main()
        return called[-1]

    return parse


@pytest.mark.parametrize(
    ("page", "words"), COMMANDS, ids=[f"{page}: {' '.join(words)}" for page, words in COMMANDS]
)
def test_a_shown_command_can_be_typed(page, words, typed, capsys):
    if words[-1] == "--help":
        with pytest.raises(SystemExit) as ended:
            typed(words)
        assert ended.value.code == 0
        return
    assert typed(words) is not None, capsys.readouterr().err


def test_every_layout_is_shown_with_options_that_its_converter_has():
    shown_formats = set()
    for page, words in COMMANDS:
        if words[1:3] != ["checkpoints", "import"]:
            continue
        layout = words[words.index("--format") + 1]
        shown_formats |= {layout} if page.startswith("docs") else set()
        module, function = CONVERTERS[layout].split(":")
        known = signature(getattr(import_module(module), function)).parameters
        options = {word[2:].replace("-", "_") for word in words if word.startswith("--")}
        assert options - {"format", "out"} <= set(known), words
    assert shown_formats == set(get_args(Format)) == set(CONVERTERS)


def test_every_option_of_every_converter_is_an_option_of_the_command():
    offered = signature(shelf.checkpoints).parameters
    for path in CONVERTERS.values():
        module, function = path.split(":")
        for name, parameter in signature(
            getattr(import_module(module), function)
        ).parameters.items():
            if parameter.kind is Parameter.KEYWORD_ONLY:
                assert name in offered, f"{path}: {name}"


def test_checkpoints_that_are_named_exist_or_are_made_on_the_page():
    for page in PAGES:
        made = {words[words.index("--out") + 1] for words in shown(page) if "--out" in words}
        for words in shown(page):
            if "--checkpoint" in words:
                name = words[words.index("--checkpoint") + 1]
                elsewhere = name == "..." or ("/" in name and not name.startswith("imported/"))
                exists = (ROOT / "checkpoints" / name / "card.toml").is_file()
                assert exists or elsewhere or name in made, f"{page}: {name}"
