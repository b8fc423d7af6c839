"""A store of tensors that forgets the ones not asked for the longest."""

import threading
from collections import OrderedDict
from collections.abc import Hashable

from torch import Tensor


class TensorCache:
    """Least recently used tensors, bounded by their size. Safe to share between threads.

    Args:
        limit_bytes: The tensors together never take more; one that is larger is not kept.
    """

    def __init__(self, limit_bytes: int) -> None:
        self._limit_bytes = limit_bytes
        self._size_bytes = 0
        self._tensors: OrderedDict[Hashable, Tensor] = OrderedDict()
        self._lock = threading.Lock()

    def get(self, key: Hashable) -> Tensor | None:
        """The tensor, which counts as used now, or None."""
        with self._lock:
            if key not in self._tensors:
                return None
            self._tensors.move_to_end(key)
            return self._tensors[key]

    def put(self, key: Hashable, tensor: Tensor) -> None:
        """Keeps a tensor and drops the oldest ones until it fits."""
        with self._lock:
            old = self._tensors.pop(key, None)
            self._size_bytes -= 0 if old is None else old.nbytes
            if tensor.nbytes > self._limit_bytes:
                return
            self._tensors[key] = tensor
            self._size_bytes += tensor.nbytes
            while self._size_bytes > self._limit_bytes:
                _, dropped = self._tensors.popitem(last=False)
                self._size_bytes -= dropped.nbytes

    @property
    def size_bytes(self) -> int:
        """What the kept tensors take now."""
        with self._lock:
            return self._size_bytes

    def __len__(self) -> int:
        with self._lock:
            return len(self._tensors)
