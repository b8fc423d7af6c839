"""Which content a file has, whatever it is called and whenever it was touched."""

import hashlib
from pathlib import Path

WHOLE_BYTES = 1 << 20
"""Files up to this size are read whole."""

_STRETCHES = 16
_STRETCH_BYTES = 64 << 10


def fingerprint(path: Path, size_bytes: int) -> str:
    """BLAKE2b of a file's size and content, 32 hexadecimal digits.

    Of a file above `WHOLE_BYTES` 16 stretches of 64 KiB count, spread evenly from its first to
    its last byte: one MiB is read of a film of any length. Two films of exactly the same size that
    differ only between the stretches would be taken for one; encoders do not write such files.

    Args:
        path: The file.
        size_bytes: Its size.

    Raises:
        OSError: It cannot be read.
    """
    found = hashlib.blake2b(size_bytes.to_bytes(8, "little"), digest_size=16)
    with path.open("rb") as file:
        if size_bytes <= WHOLE_BYTES:
            found.update(file.read(WHOLE_BYTES))
        else:
            for number in range(_STRETCHES):
                file.seek((size_bytes - _STRETCH_BYTES) * number // (_STRETCHES - 1))
                found.update(file.read(_STRETCH_BYTES))
    return found.hexdigest()
