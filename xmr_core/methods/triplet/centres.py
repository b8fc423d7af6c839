"""Hash centres: one code per class, as far from each other as codes can be."""

import numpy as np
from numpy.typing import NDArray


def hash_centres(classes: int, bits: int, seed: int = 0) -> NDArray[np.bool_]:
    """One code per class, shape (classes, bits).

    Rows of a Hadamard matrix and then of its negative: any two differ in half of the bits, or in
    all of them. Where there is no such matrix of this size here, or too few rows, random codes with
    as many ones as zeros, the best of 50 draws.

    Implements section 3.2 of Yuan et al., 2020 (arXiv:1908.00347).
    """
    matrix = hadamard(bits)
    if matrix is not None and classes <= 2 * bits:
        return np.concatenate([matrix, ~matrix])[:classes]
    generator = np.random.default_rng(seed)
    halves = np.arange(bits) < bits // 2
    draws = [np.stack([generator.permutation(halves) for _ in range(classes)]) for _ in range(50)]
    return max(draws, key=_smallest_distance)


def hadamard(order: int) -> NDArray[np.bool_] | None:
    """A Hadamard matrix, True for +1, rows mutually orthogonal; None where none is built here.

    Order 1, twice any order that is built (Sylvester), and q + 1 for a prime q = 4 k + 3 (Paley).
    """
    if order == 1:
        return np.ones((1, 1), dtype=bool)
    if order % 2 == 0 and (half := hadamard(order // 2)) is not None:
        return np.block([[half, half], [half, ~half]])
    q = order - 1
    if q % 4 != 3 or any(q % d == 0 for d in range(2, int(q**0.5) + 1)):
        return None
    squares = {i * i % q for i in range(1, q)}
    steps = (np.arange(q)[:, None] - np.arange(q)) % q
    matrix = np.ones((order, order), dtype=bool)
    matrix[1:, 0] = False
    matrix[1:, 1:] = np.isin(steps, [0, *squares])
    return matrix


def _smallest_distance(codes: NDArray[np.bool_]) -> int:
    distances = (codes[:, None] != codes).sum(-1)
    return int(distances[~np.eye(len(codes), dtype=bool)].min(initial=codes.shape[1]))
