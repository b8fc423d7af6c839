"""The closed-form updates of CMFH, computed from the moments of the data.

In the eigenbasis of each view X_t X_t' is diagonal: the ridge systems of the projections become
divisions, and an iteration costs a few products of (bits, width) with (width, width).
"""

from dataclasses import dataclass

import numpy as np

from xmr_core.errors import ConfigError
from xmr_core.methods.cmfh.config import CmfhConfig
from xmr_core.methods.cmfh.moments import Matrix, Moments
from xmr_core.progress import Progress, no_progress

PROJECTED = 2  # The first two views have projections; a third is the label view.


@dataclass(frozen=True, slots=True)
class Factors:
    """The unknowns beside the latents.

    Attributes:
        bases: U_t of each view, shape (width, bits).
        projections: P_t of the two features views, shape (bits, width).
    """

    bases: tuple[Matrix, ...]
    projections: tuple[Matrix, ...]


@dataclass(frozen=True, slots=True)
class Latents:
    """The latents V = sum_t M_t X_t, known by their products with everything that matters.

    Attributes:
        maps: M_t of each view, shape (bits, width).
        products: V X_t' of each view, shape (bits, width).
        gram: V V', shape (bits, bits).
    """

    maps: tuple[Matrix, ...]
    products: tuple[Matrix, ...]
    gram: Matrix


@dataclass(frozen=True, slots=True)
class Solution:
    """Where the iterations ended.

    Attributes:
        factors: The last bases and projections.
        maps: M_t of the last latents, shape (bits, width) each.
        objectives: The objective after each iteration.
        converged: Whether the tolerance was reached before the last allowed iteration.
    """

    factors: Factors
    maps: tuple[Matrix, ...]
    objectives: tuple[float, ...]
    converged: bool


def random_start(
    widths: tuple[int, ...], config: CmfhConfig, generator: np.random.Generator
) -> Factors:
    """Projections, then bases, of the given widths drawn as the settings say."""

    def draw(*shape: int) -> Matrix:
        uniform = config.start == "uniform"
        values = generator.random(shape) if uniform else generator.standard_normal(shape)
        return config.start_scale * values

    projections = tuple(draw(config.bits, width) for width in widths[:PROJECTED])
    return Factors(tuple(draw(width, config.bits) for width in widths), projections)


class Updates:
    """The three block updates and the objective, for factors in the eigenbases of the views."""

    def __init__(self, moments: Moments, config: CmfhConfig) -> None:
        views = range(len(moments.widths))
        self._config = config
        self._weights = config.weights(labels=len(views) > PROJECTED)
        pairs = [np.linalg.eigh(moments.block(t, t)) for t in views]
        self._spectra = [np.maximum(values, 0.0) for values, _ in pairs]
        self._turns = [vectors for _, vectors in pairs]
        self._cross = {
            (s, t): self._turns[s].T @ moments.block(s, t) @ self._turns[t]
            for s in views
            for t in views
            if s != t
        }

    def to_eigenbasis(self, factors: Factors) -> Factors:
        """The same factors as seen from the eigenbases."""
        return Factors(
            tuple(q.T @ u for q, u in zip(self._turns, factors.bases, strict=True)),
            tuple(p @ q for q, p in zip(self._turns, factors.projections, strict=False)),
        )

    def from_eigenbasis(self, factors: Factors) -> Factors:
        """The reverse of `to_eigenbasis`."""
        return Factors(
            tuple(q @ u for q, u in zip(self._turns, factors.bases, strict=True)),
            self.maps_from_eigenbasis(factors.projections),
        )

    def maps_from_eigenbasis(self, maps: tuple[Matrix, ...]) -> tuple[Matrix, ...]:
        """Maps of the first views, back in the coordinates of the features."""
        return tuple(m @ q.T for q, m in zip(self._turns, maps, strict=False))

    def latents(self, factors: Factors) -> Latents:
        """The best latents for given bases and projections."""
        config = self._config
        maps = latent_maps(factors, self._weights, config.mu, config.gamma, config.latent_penalty)
        products = tuple(self._product(maps, t) for t in range(len(maps)))
        gram = sum(p @ m.T for p, m in zip(products, maps, strict=True))
        return Latents(maps, products, np.asarray(gram))

    def projections(self, latents: Latents) -> tuple[Matrix, ...]:
        """The best projections for given latents: V X_t' (X_t X_t' + gamma/mu I)^-1."""
        ridge = self._config.gamma / self._config.mu
        return tuple(
            product / (spectrum + ridge)
            for product, spectrum in zip(
                latents.products[:PROJECTED], self._spectra[:PROJECTED], strict=True
            )
        )

    def bases(self, latents: Latents) -> tuple[Matrix, ...]:
        """The best bases for given latents: X_t V' (V V' + gamma/l_t I)^-1."""
        return tuple(
            ridge_solve(latents.gram, self._config.gamma / weight, product).T
            for product, weight in zip(latents.products, self._weights, strict=True)
        )

    def objective(self, factors: Factors, latents: Latents) -> float:
        """The function that the updates minimise: F, with |V|^2 weighted by `latent_penalty`."""
        config = self._config
        energy = float(np.trace(latents.gram))
        value = config.latent_penalty * energy
        for t, weight in enumerate(self._weights):
            base, product = factors.bases[t], latents.products[t]
            fit = np.sum((base @ latents.gram) * base) - 2 * np.sum(base * product.T)
            value += weight * (self._spectra[t].sum() + fit) + config.gamma * np.sum(base**2)
        for t, projection in enumerate(factors.projections):
            miss = (projection * self._spectra[t] - 2 * latents.products[t]) * projection
            value += config.mu * (energy + miss.sum()) + config.gamma * np.sum(projection**2)
        return float(value)

    def _product(self, maps: tuple[Matrix, ...], view: int) -> Matrix:
        """V X_t' from the maps."""
        total = maps[view] * self._spectra[view]
        for other, each in enumerate(maps):
            if other != view:
                total = total + each @ self._cross[other, view]
        return total


def ridge_solve(gram: Matrix, ridge: float, right: Matrix) -> Matrix:
    """(gram + ridge I)^-1 right."""
    solved = np.linalg.solve(gram + ridge * np.eye(len(gram)), right)
    return np.asarray(solved, dtype=np.float64)


def latent_maps(
    factors: Factors, weights: tuple[float, ...], mu: float, gamma: float, latent_penalty: float
) -> tuple[Matrix, ...]:
    """M_t of the best latents, V = sum_t M_t X_t, shape (bits, width) each.

    Views beyond the given factors are left out, so the same formula gives the latents of items
    whose labels are not known.
    """
    bits = len(factors.projections[0])
    pairs = list(zip(factors.bases, weights, strict=False))
    system = (len(factors.projections) * mu + latent_penalty) * np.eye(bits)
    system += np.sum([weight * base.T @ base for base, weight in pairs], axis=0)
    sides = [weight * base.T for base, weight in pairs]
    for t, projection in enumerate(factors.projections):
        sides[t] = sides[t] + mu * projection
    solved = np.linalg.solve(system, np.concatenate(sides, axis=1))
    ends = np.cumsum([side.shape[1] for side in sides])[:-1]
    return tuple(np.split(solved, ends, axis=1))


def solve(
    moments: Moments,
    config: CmfhConfig,
    start: Factors | None = None,
    progress: Progress = no_progress,
) -> Solution:
    """Iterates latents, projections, bases until the objective hardly falls.

    Args:
        moments: Of the two views, or of the two views and the labels.
        config: The settings.
        start: Where to begin; None to draw it from the seed.
        progress: Called like tqdm.

    Raises:
        ConfigError: There are not two or three views, or nothing varies.
    """
    if len(moments.widths) not in (PROJECTED, PROJECTED + 1):
        raise ConfigError(f"CMFH takes two views and at most labels, got {len(moments.widths)}")
    if not np.trace(moments.scatter) > 0:
        raise ConfigError(f"the {moments.count} items are all the same; there is nothing to learn")
    generator = np.random.default_rng(config.seed)
    updates = Updates(moments, config)
    factors = updates.to_eigenbasis(start or random_start(moments.widths, config, generator))
    latents = updates.latents(factors)
    objectives: list[float] = []
    converged = False
    for _ in progress(range(config.max_iterations), desc="factorising"):
        latents = updates.latents(factors)
        factors = Factors(updates.bases(latents), updates.projections(latents))
        objectives.append(updates.objective(factors, latents))
        if len(objectives) > 1:
            before, after = objectives[-2:]
            converged = config.tolerance > 0 and before - after < config.tolerance * before
        if converged:
            break
    return Solution(
        updates.from_eigenbasis(factors),
        updates.maps_from_eigenbasis(latents.maps),
        tuple(objectives),
        converged,
    )
