"""Every subject of the world is drawn, fills its extent, shows its colour and moves."""

import itertools
import subprocess
import sys

import numpy as np
import pytest
import skia

from xmr_core.datasets.scenes.draw.subjects import EXTENT, PALETTE, draw_subject
from xmr_core.datasets.scenes.world import COLOURS, SUBJECTS

_SIDE, _GROUND = 360, 300  # pixels
_COLOURABLE = [name for name, subject in SUBJECTS.items() if subject.colourable]


def render(subject: str, colour: str | None, phase: float = 0.0, scale: float = 60.0) -> np.ndarray:
    """A subject on a transparent picture, standing in the middle of its ground line."""
    pixels = np.zeros((_SIDE, _SIDE, 4), np.uint8)
    canvas = skia.Surface(pixels).getCanvas()
    canvas.translate(_SIDE / 2, _GROUND)
    canvas.scale(scale, scale)
    draw_subject(canvas, subject, colour, phase)
    return pixels


def some_colour(subject: str) -> str | None:
    return "red" if SUBJECTS[subject].colourable else None


def box_in_units(pixels: np.ndarray, scale: float) -> tuple[float, float, float, float]:
    """Left, top, right and bottom of what is visible."""
    rows, columns = np.nonzero(pixels[..., 3] > 40)
    return (
        (columns.min() - _SIDE / 2) / scale,
        (rows.min() - _GROUND) / scale,
        (columns.max() + 1 - _SIDE / 2) / scale,
        (rows.max() + 1 - _GROUND) / scale,
    )


def mean_colour(pixels: np.ndarray) -> np.ndarray:
    return pixels[pixels[..., 3] == 255][:, :3].mean(axis=0)


def test_the_drawings_are_the_subjects_of_the_world():
    assert set(EXTENT) == set(SUBJECTS)
    assert set(PALETTE) == set(COLOURS)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_drawing_fills_its_extent(subject):
    width, height = EXTENT[subject]
    assert 0.7 <= max(width, height) <= 1.3
    found = box_in_units(render(subject, some_colour(subject), scale=200), 200)
    expected = (-width / 2, -height, width / 2, 0.0)
    allowed = 0.08 * np.array([width, height, width, height])
    assert (np.abs(np.subtract(found, expected)) <= allowed).all(), (found, expected)


@pytest.mark.parametrize("subject", SUBJECTS)
def test_moving_parts_stay_near_the_extent(subject):
    width, height = EXTENT[subject]
    for phase in np.arange(0, 1, 0.125):
        picture = render(subject, some_colour(subject), float(phase), scale=100)
        left, top, right, bottom = box_in_units(picture, 100)
        assert left >= -width / 2 - 0.1 and right <= width / 2 + 0.1
        assert top >= -height - 0.1 and bottom <= 0.1


@pytest.mark.parametrize("subject", _COLOURABLE)
def test_each_colour_looks_different(subject):
    means = {colour: mean_colour(render(subject, colour)) for colour in COLOURS}
    for one, other in itertools.combinations(COLOURS, 2):
        distance = np.linalg.norm(means[one] - means[other])
        assert distance > 18, (one, other, distance)


@pytest.mark.parametrize("subject", _COLOURABLE)
def test_the_colour_is_the_most_of_a_subject(subject):
    """Repainting in another colour changes at least 40 % of the area."""
    red, blue = render(subject, "red"), render(subject, "blue")
    visible = red[..., 3] > 128
    repainted = (np.abs(red.astype(int) - blue).max(axis=-1) > 40) & visible
    assert repainted.sum() >= 0.4 * visible.sum()


@pytest.mark.parametrize(
    "subject",
    [n for n, s in SUBJECTS.items() if s.mobile and s.category not in ("ball", "sky")],
)
def test_the_phase_moves_what_can_travel(subject):
    still, moved = (render(subject, some_colour(subject), phase) for phase in (0.0, 0.3))
    assert (np.abs(still.astype(int) - moved).max(axis=-1) > 40).sum() >= 8


@pytest.mark.parametrize("subject", SUBJECTS)
def test_a_drawing_is_deterministic_and_periodic(subject):
    first = render(subject, some_colour(subject), 0.2)
    assert (first == render(subject, some_colour(subject), 0.2)).all()
    later = render(subject, some_colour(subject), 1.2).astype(int)
    assert np.abs(first - later).max() <= 8  # a turn is not exact in floating point


@pytest.mark.parametrize(("subject", "colour"), [("car", None), ("tree", "red")])
def test_a_colour_that_does_not_fit_is_refused(subject, colour):
    with pytest.raises(ValueError, match=subject):
        render(subject, colour)


def test_the_world_is_known_without_skia():
    code = "import sys, xmr_core.datasets.scenes.world; sys.exit('skia' in sys.modules)"
    assert subprocess.run([sys.executable, "-c", code], check=False).returncode == 0
