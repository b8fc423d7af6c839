"""Which frames of a clip, and which clips of a batch."""

from collections.abc import Sequence

import numpy as np
from numpy.typing import NDArray


def frame_indices(length: int, wanted: int) -> NDArray[np.int64]:
    """Numbers of the frames that stand for a clip: round(i length / wanted), halves to even.

    Short clips repeat frames; a number beyond the last frame is clamped to it.

    Args:
        length: Frames of the clip, at least 1.
        wanted: Frames that the network sees.

    Raises:
        ValueError: The clip has no frames.
    """
    if length < 1:
        raise ValueError(f"a clip of {length} frames has none to choose from")
    numbers = np.round(np.arange(wanted) * length / wanted)
    return np.minimum(numbers, length - 1).astype(np.int64)


class ClassBatches:
    """Batches of P classes with K clips each (PK sampling); batch n is the same whenever asked for.

    Args:
        labels: Class of every clip.
        classes: P, classes in a batch; at most as many as there are.
        clips: K, clips of each class; a class with fewer repeats some.
        seed: The only randomness beside the number of the batch.
    """

    def __init__(self, labels: Sequence[int], *, classes: int, clips: int, seed: int) -> None:
        found = np.asarray(labels)
        self._members = [np.flatnonzero(found == label) for label in np.unique(found)]
        if classes > len(self._members):
            raise ValueError(f"a batch of {classes} classes from {len(self._members)}")
        self._classes, self._clips, self._seed = classes, clips, seed

    def batch(self, number: int) -> NDArray[np.int64]:
        """Positions of the clips of a batch, shape (classes * clips,), class by class."""
        generator = np.random.default_rng((self._seed, number))
        chosen = generator.choice(len(self._members), self._classes, replace=False)
        return np.concatenate(
            [
                generator.choice(members, self._clips, replace=len(members) < self._clips)
                for members in (self._members[c] for c in chosen)
            ]
        )
