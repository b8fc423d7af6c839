"""What `huggingface_hub` raises, as sentences for the person who asked."""

import errno
from collections.abc import Iterator
from contextlib import contextmanager

from xmr_core.errors import HubError
from xmr_core.hub.address import HubAddress


@contextmanager
def speaking(address: HubAddress, file: str = "", offline_hint: str = "") -> Iterator[None]:
    """Turns every failure of the Hub, the network or the disk into one sentence.

    Args:
        address: What was asked for.
        file: Which file of it, if one.
        offline_hint: What to say where the network is switched off or gone.

    Raises:
        HubError: Something failed.
    """
    from huggingface_hub.errors import HfHubHTTPError

    # Its first base is the error class of the HTTP library, of which connection errors are too.
    network = HfHubHTTPError.__bases__[0]
    try:
        yield
    except HubError:
        raise
    except Exception as error:
        if not isinstance(error, (network, OSError, ValueError, RuntimeError)):
            raise
        raise HubError(_sentence(error, address, file, offline_hint)) from error


def is_offline() -> bool:
    """Whether the network is switched off with HF_HUB_OFFLINE."""
    from huggingface_hub import constants

    return bool(constants.HF_HUB_OFFLINE)


def _sentence(error: BaseException, address: HubAddress, file: str, hint: str) -> str:
    from huggingface_hub.errors import HfHubHTTPError

    for cause in _causes(error):
        if isinstance(cause, HfHubHTTPError) and getattr(cause, "response", None) is not None:
            return _refused(cause, address, file)
        if getattr(cause, "errno", None) == errno.ENOSPC:
            return f"the disk is full: {file or address} does not fit; make room and try again"
        if getattr(cause, "errno", None) in (errno.EACCES, errno.EROFS):
            where = getattr(cause, "filename", None) or "the cache"
            return f"{where} cannot be written; set HF_HOME to a folder that can"
    what = f"{file} of {address}" if file else str(address)
    if is_offline():
        return f"HF_HUB_OFFLINE is set and {what} is not in the cache; {hint or 'unset it once'}"
    if "Consistency check failed" in str(error):
        return f"{what} came incomplete; run the same command again"
    if cut := next((c for c in _causes(error) if _is_of_network(c)), None):
        reason = (str(cut) or type(cut).__name__).splitlines()[0]
        return (
            f"the Hub cannot be reached for {what} ({reason}); check the network and run the same"
            f" command again: complete files are kept{'; ' + hint if hint else ''}"
        )
    reason = (str(error) or type(error).__name__).strip().splitlines()[0]
    return f"{what} cannot be fetched: {reason}"


def _refused(error: BaseException, address: HubAddress, file: str) -> str:
    """What the Hub meant with an error status."""
    from huggingface_hub import constants, errors

    response = getattr(error, "response", None)
    status = int(getattr(response, "status_code", 0))
    repo, page = address.repo, f"{constants.ENDPOINT}/{_page(address)}"
    if isinstance(error, errors.GatedRepoError):
        return (
            f"{repo} is open only to those who accept its terms: accept them at {page}, then log"
            " in with `hf auth login` or set HF_TOKEN"
        )
    if isinstance(error, errors.RepositoryNotFoundError):
        return (
            f"the Hub has no {_words(address)} {repo} that you may read; check the name, and if it"
            " is private log in with `hf auth login` or set HF_TOKEN"
        )
    if isinstance(error, errors.RevisionNotFoundError):
        return f"{repo} has no revision {address.revision or 'main'}; see {page}"
    if isinstance(error, errors.EntryNotFoundError):
        return f"{address} has no file {file or 'of that name'}"
    if status in (401, 403):
        return (
            f"the Hub refuses the token for {repo} (HTTP {status}); set HF_TOKEN to one that may"
            " do this, or log in again with `hf auth login`"
        )
    if status == 429:
        return (
            f"the Hub has had too many requests from here; try again {_wait(response)}, or log in"
            " with `hf auth login`, which allows more"
        )
    if status >= 500:
        return f"the Hub has a fault of its own (HTTP {status}) at {repo}; try again later"
    return f"the Hub refuses {file or repo} (HTTP {status}): {str(error).strip().splitlines()[0]}"


def _wait(response: object) -> str:
    """When to come back, as the Hub says in one of two ways."""
    import re

    headers = getattr(response, "headers", {})
    given = str(headers.get("Retry-After") or "")
    if not given.isdigit():
        found = re.search(r";\s*t\s*=\s*(\d+)", str(headers.get("RateLimit") or ""))
        given = found[1] if found else ""
    return f"in {given} s" if given else "in some minutes"


def _causes(error: BaseException) -> Iterator[BaseException]:
    """The error and what led to it."""
    seen: set[int] = set()
    current: BaseException | None = error
    while current is not None and id(current) not in seen:
        seen.add(id(current))
        yield current
        current = current.__cause__ or current.__context__


def _is_of_network(error: BaseException) -> bool:
    module = type(error).__module__.partition(".")[0]
    return isinstance(error, ConnectionError | TimeoutError) or module.startswith(
        ("http", "requests", "urllib3", "socket", "ssl")
    )


def _page(address: HubAddress) -> str:
    return f"datasets/{address.repo}" if address.kind == "dataset" else address.repo


def _words(address: HubAddress) -> str:
    return "data set" if address.kind == "dataset" else "model"
