"""The pointing game: does the maximum of a map fall on the thing that was named?"""

import numpy as np
from jaxtyping import Bool, Float


def patches_in_boxes(
    grid: tuple[int, int], boxes: Float[np.ndarray, "boxes 4"], *, touching: bool = False
) -> Bool[np.ndarray, "rows columns"]:
    """Which patches count as hits: those in any of the boxes.

    Args:
        grid: Patch rows and columns over the whole frame.
        boxes: (left, top, right, bottom) in fractions of the frame; NaN rows hold no patch.
        touching: Count every patch that overlaps a box, not only those with their centre in it.
    """
    left, top, right, bottom = boxes.T[..., None]
    height, width = 1 / grid[0], 1 / grid[1]
    y = (np.arange(grid[0]) + 0.5) * height
    x = (np.arange(grid[1]) + 0.5) * width
    reach_y, reach_x = (height / 2, width / 2) if touching else (0.0, 0.0)
    in_rows = (y > top - reach_y) & (y < bottom + reach_y)
    in_columns = (x > left - reach_x) & (x < right + reach_x)
    return (in_rows[:, :, None] & in_columns[:, None, :]).any(0)


def hit_share(
    patch_map: Float[np.ndarray, "rows columns"], hits: Bool[np.ndarray, "rows columns"]
) -> float:
    """1 if the maximum of the map is a hit, else 0; equal maxima share.

    A map that is 0 everywhere points nowhere and so does as well as a random patch.
    """
    return float(hits[patch_map == patch_map.max()].mean())


def centre_map(grid: tuple[int, int]) -> Float[np.ndarray, "rows columns"]:
    """A map that falls from the middle of the frame to its corners: the prior to beat."""
    y, x = ((2 * np.arange(n) + 1 - n) / n for n in grid)  # exactly symmetric about 0
    return -(y[:, None] ** 2 + x[None, :] ** 2)
