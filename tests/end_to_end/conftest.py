"""What the tests of the command line share."""

import sys

import pytest

from xmr_core.__main__ import main


@pytest.fixture
def xmr(monkeypatch, capsys):
    """Runs a command in this process: exit status, stdout, stderr."""

    def run(*arguments):
        monkeypatch.setattr(sys, "argv", ["xmr", *map(str, arguments)])
        status = 0
        try:
            main()
        except SystemExit as stop:
            status = stop.code or 0
        out, err = capsys.readouterr()
        return status, out, err

    return run
