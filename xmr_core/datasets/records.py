"""Fields of JSON records from strangers: taken with their type checked."""

from collections.abc import Iterator
from typing import Any, TypeVar

from xmr_core.errors import DataError

Kind = TypeVar("Kind")


class Record:
    """One JSON object of an annotation file.

    Args:
        content: The object.
        where: How errors call it: words that are joined with blanks only when there is an error,
            because there may be hundreds of thousands of records.

    Raises:
        DataError: It is no object.
    """

    __slots__ = ("_content", "_where")

    def __init__(self, content: Any, *where: object) -> None:
        self._where = where
        if not isinstance(content, dict):
            raise DataError(f"{self._name()} is not an object with named fields.")
        self._content = content

    def text(self, name: str, default: str | None = None) -> str:
        """A text field."""
        return self._field(name, str, default)

    def number(self, name: str) -> float:
        """A number field."""
        return float(self._field(name, (int, float), None))  # type: ignore[arg-type]

    def whole(self, name: str) -> int:
        """A whole number field."""
        return self._field(name, int, None)

    def texts(self, name: str) -> tuple[str, ...]:
        """A list of texts; missing means empty."""
        values = self._field(name, list, [])
        if not all(isinstance(value, str) for value in values):
            raise DataError(f"{self._name()}: '{name}' holds something that is no text.")
        return tuple(values)

    def wholes(self, name: str) -> tuple[int, ...]:
        """A list of whole numbers."""
        values = self._field(name, list, None)
        if not all(isinstance(value, int) and not isinstance(value, bool) for value in values):
            raise DataError(f"{self._name()}: '{name}' holds something that is no whole number.")
        return tuple(values)

    def records(self, name: str, kind: str) -> Iterator["Record"]:
        """A list of objects, called by `kind` and their place."""
        for place, value in enumerate(self._field(name, list, None)):
            yield Record(value, *self._where, kind, place)

    def _name(self) -> str:
        return " ".join(map(str, self._where))

    def _field(self, name: str, kind: type[Kind], default: Kind | None) -> Kind:
        value = self._content.get(name, default)
        if not isinstance(value, kind) or isinstance(value, bool):
            raise DataError(f"{self._name()}: '{name}' is missing or not of the kind expected.")
        return value


def list_of_records(content: Any, where: str, kind: str) -> Iterator[Record]:
    """The objects of a JSON list.

    Raises:
        DataError: It is no list of objects.
    """
    if not isinstance(content, list):
        raise DataError(f"{where} is not a list.")
    for place, value in enumerate(content):
        yield Record(value, where, kind, place)
