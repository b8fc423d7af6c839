"""Addresses on the Hugging Face Hub: `hf://owner/name@<40 hexadecimal digits>`.

The revision may be left out by a person, who then gets the newest one and is told which it was; in
cards it is always written.
"""

import re
from dataclasses import dataclass
from typing import Literal

from xmr_core.errors import HubError

Kind = Literal["model", "dataset"]
SCHEME = "hf://"
_SCHEMES = (SCHEME, "hf-hub:")  # the second is how open_clip writes it

_PART = r"[A-Za-z0-9][A-Za-z0-9._-]{0,95}"
_REPO = re.compile(rf"{_PART}/{_PART}")
_REVISION = re.compile(r"[0-9a-f]{40}")
_RESERVED = re.compile(r"--|\.\.")  # the Hub allows neither in a name; the cache relies on it


@dataclass(frozen=True, slots=True)
class HubAddress:
    """A repository on the Hub.

    Attributes:
        kind: Checkpoints are models, galleries are data sets.
        repo: `owner/name`.
        revision: 40 hexadecimal digits, or "" for the newest.

    Raises:
        HubError: One of them has not this form.
    """

    kind: Kind
    repo: str
    revision: str = ""

    def __post_init__(self) -> None:
        if not _REPO.fullmatch(self.repo) or _RESERVED.search(self.repo):
            raise HubError(f"{self.repo[:200]!r} is no name on the Hub; write owner/name")
        if self.revision and not _REVISION.fullmatch(self.revision):
            raise HubError(
                f"{self.revision[:80]!r} is no revision; write the 40 hexadecimal digits of a"
                f" commit, or leave it out for the newest: {SCHEME}{self.repo}"
            )

    def __str__(self) -> str:
        pinned = f"@{self.revision}" if self.revision else ""
        return f"{SCHEME}{self.repo}{pinned}"


def is_address(text: str) -> bool:
    """Whether the text wants to be an address on the Hub."""
    return text.startswith(_SCHEMES)


def parse_address(text: str, kind: Kind) -> HubAddress:
    """The address in a text such as `hf://owner/name@<revision>`; the scheme may be left out.

    The spellings `hf://datasets/owner/name` of the Hub and `hf-hub:owner/name` of open_clip are
    understood too.

    Raises:
        HubError: It is none; the message says what is wrong with it.
    """
    for scheme in _SCHEMES:
        text = text.removeprefix(scheme)
    repo, _, revision = text.removeprefix(f"{kind}s/").partition("@")
    return HubAddress(kind, repo, revision)
