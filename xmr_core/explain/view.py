"""Which part of a frame the image tower sees, and maps for the whole frame.

The towers of the CLIP family squeeze the frame, cut out its centre, or pad it. A map of patches is
a map of what is left; whoever lays it over the frame needs to know where it belongs.
"""

import numpy as np
from jaxtyping import Float
from numpy.typing import NDArray
from torch import Tensor
from torch.nn import functional as F

from xmr_core.explain.gradeclip import PatchEncoder

Part = tuple[float, float, float, float]


def seen_part(encoder: PatchEncoder, height: int, width: int) -> Part:
    """The box (left, top, right, bottom) that the tower's image covers, in fractions of the frame.

    Read off the encoder's own preprocessing, by showing it a frame whose red tells the column and
    whose green tells the row. A padded frame gives a box that reaches over its edges.
    """
    chart = np.zeros((2, height, width, 3), np.uint8)
    chart[0, ..., 0] = np.rint(255 * (np.arange(width) + 0.5) / width)
    chart[0, ..., 1] = np.rint(255 * (np.arange(height) + 0.5) / height)[:, None]
    chart[1] = 255
    black = encoder.preprocess(np.zeros_like(chart[:1])).cpu()
    places, white = encoder.preprocess(chart).cpu()
    # The middle row and column show the frame even where the edges of the image are padding.
    y, x = (side // 2 for side in places.shape[1:])
    places = (places - black[0]) / (white - black[0])[:, y, x, None, None]
    left, right = _ends(places[0, y].double().numpy())
    top, bottom = _ends(places[1, :, x].double().numpy())
    return left, top, right, bottom


def _ends(places: NDArray[np.float64]) -> tuple[float, float]:
    """Where a line of pixels begins and ends, from the places of its pixels.

    Fitted on the middle half, which shows the frame even where the edges are padding. A frame that
    is covered to a hundredth of its side counts as covered.
    """
    quarter = len(places) // 4
    middle = np.arange(quarter, len(places) - quarter)
    slope, start = np.polyfit(middle, places[middle], 1)
    ends = start - 0.5 * slope, start + (len(places) - 0.5) * slope
    first, last = (float(round(end)) if abs(end - round(end)) < 0.01 else end for end in ends)
    return first, last


def on_whole_frame(
    maps: Float[Tensor, "texts frames rows columns"], part: Part
) -> Float[Tensor, "texts frames all_rows all_columns"]:
    """Maps of a part of the frame as maps of the whole, 0 where the tower does not look.

    The patches keep their size as nearly as whole rows and columns allow; maps of the whole frame
    come back as they are.
    """
    left, top, right, bottom = part
    if part == (0.0, 0.0, 1.0, 1.0):
        return maps
    rows, columns = maps.shape[-2:]
    all_rows = max(1, round(rows / (bottom - top)))
    all_columns = max(1, round(columns / (right - left)))
    y = (np.arange(all_rows) + 0.5) / all_rows
    x = (np.arange(all_columns) + 0.5) / all_columns
    # grid_sample counts from -1 to 1 over the edges of the map.
    grid = np.stack(
        np.meshgrid(2 * (x - left) / (right - left) - 1, 2 * (y - top) / (bottom - top) - 1), -1
    )
    inside = maps.new_tensor((np.abs(grid) <= 1).all(-1))
    flat = maps.reshape(1, -1, rows, columns)
    placed = F.grid_sample(
        flat, maps.new_tensor(grid)[None], "bilinear", "border", align_corners=False
    )
    return (placed * inside).reshape(*maps.shape[:2], all_rows, all_columns)
