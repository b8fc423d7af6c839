"""From real-valued latents to codes: signs, rotation, and the three ways to score."""

from typing import Any, Literal, get_args

import numpy as np
from numpy.typing import NDArray

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.moments import Matrix
from xmr_core.similarity import (
    cosine_scores,
    hamming_scores,
    inner_product_scores,
    pack_bits,
    signs,
)

Scoring = Literal["real", "hamming", "asymmetric"]


def packed_codes(latents: NDArray[np.floating[Any]]) -> NDArray[np.uint8]:
    """One bit for each number, 1 where it is not negative: (items, bits) to (items, bytes)."""
    return pack_bits(np.asarray(latents) >= 0)


def score_latents(
    queries: NDArray[np.floating[Any]], items: NDArray[np.floating[Any]], scoring: Scoring
) -> NDArray[np.float32] | NDArray[np.int16]:
    """Scores of latents against latents, shape (queries, items); higher is better.

    Args:
        queries: Shape (queries, bits).
        items: Shape (items, bits).
        scoring: "real", the cosine; "hamming", the number of bits on which the codes agree;
            "asymmetric", the real-valued query against the codes of the items.

    Raises:
        ConfigError: There is no such scoring.
    """
    bits = items.shape[1]
    if scoring == "real":
        return cosine_scores(queries, items)
    if scoring == "hamming":
        return hamming_scores(packed_codes(queries), packed_codes(items), bits)
    if scoring == "asymmetric":
        return inner_product_scores(queries, signs(packed_codes(items), bits))
    raise ConfigError(f"scoring {scoring!r} is none of: {', '.join(get_args(Scoring))}")


def quantisation_error(latents: Matrix) -> float:
    """Mean squared distance of the latents, of mean energy 1 per number, to their signs."""
    scaled = latents / max(np.sqrt(np.mean(latents**2)), np.finfo(float).tiny)
    return float(np.mean((scaled - np.where(scaled >= 0, 1.0, -1.0)) ** 2))


def itq_rotation(latents: Matrix, iterations: int, generator: np.random.Generator) -> Matrix:
    """An orthogonal matrix R that brings R v near the corners of a cube, shape (bits, bits).

    Implements iterative quantisation of Gong and Lazebnik, 2011: in turn, the nearest corners and
    the rotation that comes nearest to them.

    Args:
        latents: Shape (items, bits).
        iterations: Number of rounds.
        generator: Draws the first rotation.
    """
    bits = latents.shape[1]
    rotation, _ = np.linalg.qr(generator.standard_normal((bits, bits)))
    for _ in range(iterations):
        corners = np.where(latents @ rotation.T >= 0, 1.0, -1.0)
        left, _, right = np.linalg.svd(corners.T @ latents)
        rotation = left @ right
    return rotation
