"""What can go wrong, in sentences fit for a visitor.

A message says what happened, with which value, and what to do. Programmer mistakes stay
`ValueError` with both numbers; these classes are for the user's side of things.
"""


class XmrError(Exception):
    """An error whose message can be shown to a visitor as it is."""


class VideoUnavailableError(XmrError):
    """A video cannot be read: broken, too large, not a video, or not there."""


class GalleryMismatchError(XmrError):
    """A gallery was made by another checkpoint than the one that wants to search it."""


class GalleryError(XmrError):
    """A gallery on disk is missing, incomplete or damaged."""


class CheckpointError(XmrError):
    """A checkpoint is missing, damaged, or not of a kind that we load."""


class ConfigError(XmrError):
    """A setting has a value that cannot work."""


class DataError(XmrError):
    """A file of a data set is missing, damaged, or not in the format that it should have."""


class HubError(XmrError):
    """The Hugging Face Hub cannot or does not give what was asked for."""
