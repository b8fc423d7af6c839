"""Where everything is at every moment of a clip.

Units: the scene is 320 wide and 180 high whatever the resolution, x points right, y down. Time `t`
runs from 0 to 1 over the clip. `stage.py` puts the cast in its places, `moves.py` tells how each
event moves it; here both become one pose per instance and frame.
"""

import math
import random
from dataclasses import dataclass, replace

from xmr_core.datasets.scenes.moves import MOVES, Change
from xmr_core.datasets.scenes.script import DURATION_S, FPS, NUM_FRAMES, SceneScript
from xmr_core.datasets.scenes.stage import Place, set_stage
from xmr_core.datasets.scenes.world import EVENTS, SUBJECTS, Habitat


@dataclass(frozen=True, slots=True)
class Pose:
    """One instance at one moment.

    Attributes:
        x: Of the anchor, the middle of the foot, in scene units.
        y: Of the anchor.
        scale: Scene units per subject unit.
        rotation: Degrees clockwise about the anchor.
        opacity: 0 to 1.
        flip: Whether it is mirrored, to face left.
        phase: Where its own movement (wheels, wings, flames) is, period 1.
        stretch: Height gained and width lost by squash and stretch, 1 for none.
        ground: y of the ground (or the water) below it.
        lift: How high it is above that.
    """

    x: float
    y: float
    scale: float
    rotation: float
    opacity: float
    flip: bool
    phase: float
    stretch: float
    ground: float
    lift: float


@dataclass(frozen=True, slots=True)
class Track:
    """One instance over the whole clip.

    Attributes:
        actor: Index into the script's actors.
        depth: Tracks of lower depth are painted first.
        habitat: Where it lives: ground things cast a shadow, water things a reflection.
        poses: One for each of the clip's `NUM_FRAMES` frames.
    """

    actor: int
    depth: int
    habitat: Habitat
    poses: tuple[Pose, ...]


@dataclass(frozen=True, slots=True)
class Choreography:
    """What the whole cast does.

    Attributes:
        tracks: One per instance; those of the first actor come first.
        event_s: When the event happens, start and end in seconds.
    """

    tracks: tuple[Track, ...]
    event_s: tuple[float, float]


def forwards(script: SceneScript) -> SceneScript:
    """The script whose frames, played in reverse order, are those of a backwards script.

    Any other script is returned as it is.

    Raises:
        ValueError: The script is backwards but its event cannot be reversed.
    """
    if not script.backwards:
        return script
    reverse = EVENTS[script.event].reverse
    if reverse is None:
        raise ValueError(f"the event {script.event!r} has no reverse, so it cannot be backwards")
    return replace(script, event=reverse, direction=-script.direction, backwards=False)


def choreograph(script: SceneScript) -> Choreography:
    """Plans every pose of a clip; the same script always gives the same plan."""
    if script.backwards:
        plan = choreograph(forwards(script))
        start, end = plan.event_s
        tracks = tuple(replace(track, poses=track.poses[::-1]) for track in plan.tracks)
        return Choreography(tracks, (DURATION_S - end, DURATION_S - start))
    rng = random.Random(f"choreography/{script.seed}")
    cast = set_stage(script, rng)
    move, window = MOVES[script.event](cast, script, rng)
    times = [frame / (NUM_FRAMES - 1) for frame in range(NUM_FRAMES)]
    tracks = []
    for place in cast:
        shift = rng.random()
        poses = tuple(_pose(place, move(place, t), _idle(place, t, shift)) for t in times)
        tracks.append(Track(place.actor, place.depth, place.habitat, poses))
    # A frame is seen until the next one comes, so the last one ends with the clip.
    first, last = (part * (NUM_FRAMES - 1) / FPS for part in window)
    return Choreography(tuple(tracks), (first, last + 1 / FPS))


@dataclass(frozen=True, slots=True)
class _Idle:
    """What a thing does while nothing happens."""

    dy: float
    lean: float
    breath: float
    t: float
    shift: float


def _idle(place: Place, t: float, shift: float) -> _Idle:
    """Boats bob, flying and swimming things hover, everything else breathes a little."""
    wave = math.sin(2 * math.pi * (2 * t + shift))
    slow = math.sin(2 * math.pi * (1.3 * t + shift))
    if place.habitat == "water":
        return _Idle(1.3 * wave, 2.0 * slow, 0.0, t, shift)
    if place.habitat in ("air", "underwater"):
        return _Idle(1.8 * wave, 1.5 * slow, 0.0, t, shift)
    if place.habitat == "sky":
        return _Idle(0.8 * slow, 0.0, 0.0, t, shift)
    breath = {"animal": 0.012, "vehicle": 0.006}.get(SUBJECTS[place.subject].category, 0.0)
    return _Idle(0.0, 0.0, breath * wave, t, shift)


def _pose(place: Place, change: Change, idle: _Idle) -> Pose:
    scale, stretch = place.scale * change.grow, change.stretch + idle.breath
    x = place.x + change.dx
    ground = place.y + change.dy
    y = ground - change.lift + idle.dy * change.calm
    lean = change.lean + idle.lean * change.calm
    if change.turn:  # about the centre: move the foot so that the centre stays
        half = place.height / 2 * change.grow
        angle = math.radians(change.turn)
        x, y = x - half * math.sin(angle), y - half + half * math.cos(angle)
    flip = place.flip if change.flip is None else change.flip
    turns = _turns_per_clip(place, change.busy) * idle.t
    return Pose(
        x=x,
        y=y,
        scale=scale,
        rotation=lean + change.turn,
        opacity=change.opacity,
        flip=flip and SUBJECTS[place.subject].faces,
        phase=(idle.shift + turns) % 1.0,
        stretch=stretch,
        ground=ground,
        lift=change.lift,
    )


def _turns_per_clip(place: Place, busy: bool) -> float:
    """How often wheels, legs or wings go round in a clip; a parked car's wheels stand still."""
    category, habitat = SUBJECTS[place.subject].category, place.habitat
    if category == "vehicle":
        return 5.0 if busy else 0.0
    if category == "aircraft" or habitat == "air":
        return 7.0
    return 5.0 if busy else 2.0
