"""Opening the page."""

import runpy
import sys
from collections.abc import Sequence
from pathlib import Path

from xmr_core.errors import XmrError

APP = Path(__file__).resolve().parents[2] / "app.py"


def serve(arguments: Sequence[str] = ()) -> None:
    """Opens the page as `python app.py` does, with the same options.

    Raises:
        XmrError: The package was installed without the repository that has the page.
    """
    if not APP.is_file():
        raise XmrError(
            f"the page is not here: {APP} is missing; run xmr in a copy of the repository"
        )
    sys.argv = [str(APP), *arguments]
    sys.path.insert(0, str(APP.parent))
    runpy.run_path(str(APP), run_name="__main__")
