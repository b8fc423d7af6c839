"""All galleries of the page: those that it was started with, and those of people's own videos.

A visitor's private gallery is found by its token and by nothing else: it is in no list.
"""

from collections.abc import Callable, Iterator, Mapping

from xmr_core import Engine

Engines = Mapping[str, Engine]


class Shelf(Mapping[str, Engines]):
    """Galleries by name, for everything that asks one; new ones appear while the page runs.

    Args:
        fixed: Those that the page was started with.
        own: The operator's folders that have a gallery, now.
        private: The engines behind a token, now; None for any other name.
    """

    def __init__(
        self,
        fixed: Mapping[str, Engines],
        own: Callable[[], Mapping[str, Engines]],
        private: Callable[[str], Engines | None],
    ) -> None:
        self._fixed = fixed
        self._own = own
        self._private = private

    def __getitem__(self, name: str) -> Engines:
        found = self._fixed.get(name) or self._own().get(name) or self._private(name)
        if found is None:
            raise KeyError(name)
        return found

    def __iter__(self) -> Iterator[str]:
        yield from self._fixed
        yield from self._own()

    def __len__(self) -> int:
        return len(self._fixed) + len(self._own())
