"""CMFH with a graph over the items, whose neighbours shall have near latents (SMFH).

Adds g tr(V L V') to the objective, L a graph Laplacian. The latents are then coupled over all
items, so this form works on the items themselves and suits a few thousand of them.
"""

from dataclasses import dataclass

import numpy as np

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.moments import Matrix
from xmr_core.methods.cmfh.solver import Factors, ridge_solve

MAX_ITEMS = 10_000


@dataclass(frozen=True, slots=True)
class GraphSolution:
    """Where the iterations ended.

    Attributes:
        factors: Bases and projections.
        latents: V, one row for each item, shape (items, bits).
        objectives: The objective after each iteration, graph term included.
    """

    factors: Factors
    latents: Matrix
    objectives: tuple[float, ...]


def laplacian(affinity: Matrix) -> Matrix:
    """Degrees minus affinities of a symmetric graph, shape (items, items)."""
    return np.diag(affinity.sum(axis=1)) - affinity


def neighbour_graph(features: Matrix, neighbours: int) -> Matrix:
    """1 where one of two items is among the nearest of the other, by Euclidean distance.

    Args:
        features: Shape (items, width).
        neighbours: Number of nearest items that each is joined with.
    """
    lengths = np.sum(features**2, axis=1)
    nearness = 2 * features @ features.T - lengths[:, None] - lengths
    np.fill_diagonal(nearness, -np.inf)
    near = np.argpartition(-nearness, neighbours - 1, axis=1)[:, :neighbours]
    graph = np.zeros_like(nearness)
    np.put_along_axis(graph, near, 1.0, axis=1)
    return np.maximum(graph, graph.T)


def solve_graph(
    views: tuple[Matrix, Matrix],
    graph: Matrix,
    config: CmfhConfig,
    start: tuple[Matrix, tuple[Matrix, ...]],
    *,
    weight: float = 1.0,
    decrease: float = 1.0,
) -> GraphSolution:
    """Iterates bases, latents, projections until the objective falls by less than `decrease`.

    The latents solve the Sylvester equation A V + g V L = C. L is taken apart once, A, of size
    (bits, bits), in each iteration.

    Args:
        views: Centred features, shape (items, width) each.
        graph: The Laplacian L, shape (items, items), symmetric.
        config: The settings; `tolerance` is not used.
        start: The first latents, shape (items, bits), and projections.
        weight: g.
        decrease: Where to stop, in units of the objective.

    Raises:
        ConfigError: There are more than 10,000 items.
    """
    latents, projections = start
    if len(latents) > MAX_ITEMS:
        raise ConfigError(f"the graph form takes at most {MAX_ITEMS:,} items, got {len(latents):,}")
    frequencies, waves = np.linalg.eigh(graph)
    turned = [waves.T @ view for view in views]
    grams = [view.T @ view for view in views]
    hidden = waves.T @ latents
    ridge = config.gamma / config.mu
    objectives: list[float] = []
    factors = Factors((), projections)
    for _ in range(config.max_iterations):
        bases = _bases(turned, hidden, config)
        system, right = _latent_system(turned, bases, projections, config)
        values, axes = np.linalg.eigh(system)
        hidden = (right @ axes / (values + weight * frequencies[:, None])) @ axes.T
        projections = tuple(
            ridge_solve(gram, ridge, view.T @ hidden).T
            for gram, view in zip(grams, turned, strict=True)
        )
        factors = Factors(bases, projections)
        smoothness = weight * float(np.sum(frequencies[:, None] * hidden**2))
        objectives.append(_objective(turned, hidden, factors, config) + smoothness)
        if len(objectives) > 1 and objectives[-2] - objectives[-1] < decrease:
            break
    return GraphSolution(factors, waves @ hidden, tuple(objectives))


def _bases(views: list[Matrix], latents: Matrix, config: CmfhConfig) -> tuple[Matrix, ...]:
    gram = latents.T @ latents
    return tuple(
        ridge_solve(gram, config.gamma / share, latents.T @ view).T
        for view, share in zip(views, config.weights(), strict=True)
    )


def _latent_system(
    views: list[Matrix],
    bases: tuple[Matrix, ...],
    projections: tuple[Matrix, ...],
    config: CmfhConfig,
) -> tuple[Matrix, Matrix]:
    """A, shape (bits, bits), and the right side C', shape (items, bits)."""
    bits = bases[0].shape[1]
    system = (len(bases) * config.mu + config.latent_penalty) * np.eye(bits)
    right = np.zeros((len(views[0]), bits))
    for view, base, projection, share in zip(
        views, bases, projections, config.weights(), strict=True
    ):
        system += share * base.T @ base
        right += view @ (share * base.T + config.mu * projection).T
    return system, right


def _objective(views: list[Matrix], latents: Matrix, factors: Factors, config: CmfhConfig) -> float:
    """F without the graph term."""
    value = config.latent_penalty * np.sum(latents**2)
    for view, base, projection, share in zip(
        views, factors.bases, factors.projections, config.weights(), strict=True
    ):
        value += share * np.sum((view - latents @ base.T) ** 2)
        value += config.mu * np.sum((latents - view @ projection.T) ** 2)
        value += config.gamma * (np.sum(base**2) + np.sum(projection**2))
    return float(value)
