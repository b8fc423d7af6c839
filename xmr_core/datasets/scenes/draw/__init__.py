"""How the world `scenes` looks: vector shapes drawn with skia."""

from xmr_core.errors import XmrError

try:
    import skia  # noqa: F401  (here once, so that every way to the drawings explains itself)
except ModuleNotFoundError as error:
    raise XmrError("Drawing scenes needs skia: `pip install skia-python`.") from error
except ImportError as error:
    raise XmrError(
        f"The drawing library skia cannot be loaded ({error}): "
        "install the Debian packages libgl1 and libegl1 (`apt install libgl1 libegl1`)."
    ) from error
