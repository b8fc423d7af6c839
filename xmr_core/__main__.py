"""The command line: `xmr`, or `python -m xmr_core`.

Exit status: 0 done, 2 the user's mistake (one line on stderr), 1 ours. No traceback without
`--debug`.
"""

import logging
import os
import sys
from collections.abc import Callable

import tyro

from xmr_core.commands.datasets import data, import_frames
from xmr_core.commands.galleries import index
from xmr_core.commands.gallery import gallery
from xmr_core.commands.measuring import evaluate
from xmr_core.commands.query import describe, explain, search, similar
from xmr_core.commands.serving import serve
from xmr_core.commands.shelf import checkpoints
from xmr_core.commands.training import train
from xmr_core.errors import XmrError, plain


def doctor(*, online: bool = False) -> None:
    """Tells what is installed, what works, and what to do about what does not.

    Args:
        online: Also ask whether the Hugging Face Hub can be reached.
    """
    from xmr_core.doctor import findings

    broken = False
    for finding in findings(online=online):
        print(f"{'!' if finding.advice else ' '} {finding.name:<24} {finding.value}")
        if finding.advice:
            print(f"    {finding.advice}")
        broken |= bool(finding.advice) and finding.needed
    if broken:
        raise XmrError("something that the app needs is missing; see the lines marked with '!'")


def serve_help() -> None:
    """Opens the page, as `python app.py` does; `xmr serve --help` lists its options."""
    serve(["--help"])


def train_help() -> None:
    """Trains a method: `xmr train METHOD --out RUN`; each method has options of its own."""
    train(["--help"])


COMMANDS: dict[str, Callable[..., None]] = {
    "search": search,
    "similar": similar,
    "describe": describe,
    "explain": explain,
    "index": index,
    "gallery": gallery,
    "import-frames": import_frames,
    "data": data,
    "train": train_help,
    "evaluate": evaluate,
    "checkpoints": checkpoints,
    "doctor": doctor,
    "serve": serve_help,
}


def main() -> None:
    """Runs one command and turns errors into one line and an exit status."""
    arguments = sys.argv[1:]
    debug = "--debug" in arguments
    arguments = [argument for argument in arguments if argument != "--debug"]
    logging.basicConfig(level=logging.DEBUG if debug else logging.ERROR)
    if not debug:  # libraries' own bars and advice are noise beside ours
        os.environ.setdefault("HF_HUB_DISABLE_PROGRESS_BARS", "1")
    try:
        if arguments[:1] == ["train"]:
            train(arguments[1:])
            return
        if arguments[:1] == ["serve"]:
            serve(arguments[1:])
            return
        tyro.extras.subcommand_cli_from_dict(
            COMMANDS,
            prog="xmr",
            description="Search videos with sentences and see why they match.",
            args=arguments,
        )
    except XmrError as error:
        if debug:
            raise
        sys.exit(_fail(str(error), 2))
    except KeyboardInterrupt:
        sys.exit(_fail("stopped; the same command goes on from here where it can", 130))
    except BrokenPipeError:
        sys.stderr.close()  # the reader of our output has gone; nothing to report
    except Exception as error:
        if debug:
            raise
        reason = f"{type(error).__name__}: {error}".splitlines()[0]
        sys.exit(_fail(f"a fault of this program: {reason} (--debug shows where)", 1))


def _fail(message: str, status: int) -> int:
    print(f"xmr: {plain(message)}", file=sys.stderr)
    return status


if __name__ == "__main__":
    main()
