"""What can go wrong, in sentences fit for a visitor.

A message says what happened, with which value, and what to do. Programmer mistakes stay
`ValueError` with both numbers; these classes are for the user's side of things.
"""

_JOINERS = "\u200c\u200d"  # parts of emoji, and of words in some scripts


def plain(text: str) -> str:
    """A text on one line, without characters that a terminal obeys or that turn text around."""
    return "".join(map(_seen, text))


def _seen(letter: str) -> str:
    if letter.isprintable() or letter in _JOINERS:
        return letter
    return " " if letter.isspace() else "\ufffd"


class XmrError(Exception):
    """An error whose message can be shown to a visitor as it is.

    File names, ids and fields of files from outside are quoted in messages; none of them reaches a
    terminal, a log or a page with characters that would act there.
    """

    def __str__(self) -> str:
        return plain(super().__str__())


class VideoUnavailableError(XmrError):
    """A video cannot be read: broken, too large, not a video, or not there."""


class GalleryMismatchError(XmrError):
    """A gallery was made by another checkpoint than the one that wants to search it."""


class GalleryError(XmrError):
    """A gallery on disk is missing, incomplete or damaged."""


class NothingAdmittedError(XmrError):
    """A filter leaves no clip of the gallery."""


class CheckpointError(XmrError):
    """A checkpoint is missing, damaged, or not of a kind that we load."""


class ConfigError(XmrError):
    """A setting has a value that cannot work."""


class DataError(XmrError):
    """A file of a data set is missing, damaged, or not in the format that it should have."""


class HubError(XmrError):
    """The Hugging Face Hub cannot or does not give what was asked for."""
