"""Files as evidence: which one it is."""

import hashlib
from pathlib import Path


def checksum(path: Path) -> str:
    """sha256 of a file, as hexadecimal digits."""
    with path.open("rb") as file:
        return hashlib.file_digest(file, "sha256").hexdigest()
