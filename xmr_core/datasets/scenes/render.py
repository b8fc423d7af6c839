"""From a script to pictures, and to the boxes of what is in them.

Everything is painted in scene units and scaled to the wanted size, so a small picture is drawn
small and not shrunk. Layers that stand still are painted once per call.
"""

import math
import random
from collections.abc import Callable, Sequence

import numpy as np
import skia
from jaxtyping import Float, UInt8
from numpy.typing import NDArray

from xmr_core.datasets.scenes.choreography import Pose, Track, choreograph, forwards
from xmr_core.datasets.scenes.draw.backdrop import MARGIN, PAN, Backdrop, Layer, Live, Still, Tile
from xmr_core.datasets.scenes.draw.settings import backdrop
from xmr_core.datasets.scenes.draw.subjects import EXTENT, draw_subject
from xmr_core.datasets.scenes.script import HEIGHT, NUM_FRAMES, WIDTH, SceneScript

_Paint = Callable[[skia.Canvas, float], None]
_SQUINT = 0.8  # mirror images are this much shorter, since the ground is seen from above
_VISIBLE = 0.08  # an instance that is fainter than this has no box


def render_frames(
    script: SceneScript,
    frame_indices: Sequence[int] | None = None,
    width: int = WIDTH,
    height: int = HEIGHT,
) -> UInt8[np.ndarray, "frames height width 3"]:
    """Draws frames of a clip.

    Args:
        script: What happens.
        frame_indices: Which frames, from 0 to `NUM_FRAMES` - 1; all of them if None.
        width: Of the frames, in pixels.
        height: Of the frames, in pixels.

    Returns:
        RGB, 0 to 255. The same script, size and skia version give the same bytes.

    Raises:
        ValueError: A frame index is outside the clip.
    """
    indices = range(NUM_FRAMES) if frame_indices is None else frame_indices
    if any(not 0 <= index < NUM_FRAMES for index in indices):
        raise ValueError(f"frame indices {list(indices)} must be from 0 to {NUM_FRAMES - 1}")
    stage = Stage(script, width, height)
    frames = np.empty((len(indices), height, width, 3), np.uint8)
    for row, index in enumerate(indices):
        frames[row] = stage.paint(index)
    return frames


def boxes(
    script: SceneScript,
) -> tuple[Float[np.ndarray, "instances frames 4"], NDArray[np.int64]]:
    """Where every instance is in every frame.

    Returns:
        Boxes (left, top, right, bottom) as fractions of the frame, cut to the frame, NaN where
        the instance is outside it or transparent; what hides behind another thing keeps its box.
        And the index of the actor of each instance.
    """
    tracks = choreograph(script).tracks
    found = np.full((len(tracks), NUM_FRAMES, 4), np.nan)
    for row, track in enumerate(tracks):
        extent = EXTENT[script.actors[track.actor].subject]
        for frame, pose in enumerate(track.poses):
            box = np.clip(_box(pose, extent), 0, 1)
            if pose.opacity >= _VISIBLE and box[0] < box[2] and box[1] < box[3]:
                found[row, frame] = box
    return found, np.array([track.actor for track in tracks], np.int64)


def _box(pose: Pose, extent: tuple[float, float]) -> NDArray[np.float64]:
    """The box around the turned rectangle of a subject, as fractions of the frame."""
    half = extent[0] / 2 * pose.scale / pose.stretch
    tall = extent[1] * pose.scale * pose.stretch
    angle = math.radians(pose.rotation)
    turn = np.array([[math.cos(angle), -math.sin(angle)], [math.sin(angle), math.cos(angle)]])
    corners = np.array([[-half, -tall], [half, -tall], [half, 0], [-half, 0]]) @ turn.T
    corners = np.add(corners, (pose.x, pose.y)) / (WIDTH, HEIGHT)
    return np.concatenate([corners.min(0), corners.max(0)])


class Stage:
    """Everything that the frames of one script share.

    Args:
        script: What happens.
        width: Of the frames, in pixels.
        height: Of the frames, in pixels.
    """

    def __init__(self, script: SceneScript, width: int, height: int) -> None:
        self._script, self._size = script, (width, height)
        self._scale = (width / WIDTH, height / HEIGHT)
        drawn = forwards(script)
        rng = random.Random(f"scenery/{script.seed}")
        self._pan = rng.choice((-1, 1)) * PAN
        self._backdrop: Backdrop = backdrop(drawn.setting, drawn.time, rng)
        self._behind = [self._prepared(layer) for layer in self._backdrop.behind]
        self._front = [self._prepared(layer) for layer in self._backdrop.front]
        tracks = choreograph(script).tracks
        self._tracks = sorted(tracks, key=lambda track: track.depth)
        red, green, blue = self._backdrop.tint
        matrix = [red, 0, 0, 0, 0, 0, green, 0, 0, 0, 0, 0, blue, 0, 0, 0, 0, 0, 1, 0]
        self._light = None
        if (red, green, blue) != (1.0, 1.0, 1.0):
            self._light = skia.ColorFilters.Matrix(matrix)
        self._pixels = np.zeros((height, width, 4), np.uint8)
        self._surface = skia.Surface(self._pixels, colorType=skia.kRGBA_8888_ColorType)

    def paint(self, frame: int, actors: bool = True) -> UInt8[np.ndarray, "height width 3"]:
        """Draws one frame; without the actors only what is around them.

        The result is a view that the next call overwrites.
        """
        canvas = self._surface.getCanvas()
        canvas.resetMatrix()
        # The scenery of a backwards clip runs backwards, too.
        t = (NUM_FRAMES - 1 - frame if self._script.backwards else frame) / (NUM_FRAMES - 1)
        for paint in self._behind:
            paint(canvas, t)
        if actors:
            self._paint_actors(canvas, frame)
        for paint in self._front:
            paint(canvas, t)
        return self._pixels[..., :3]

    def _paint_actors(self, canvas: skia.Canvas, frame: int) -> None:
        """Paints first what lies on the ground or the water, then the actors, far to near."""
        canvas.save()
        canvas.scale(*self._scale)
        for track in self._tracks:
            if track.poses[frame].opacity > 0.01:
                self._paint_footing(canvas, track, track.poses[frame])
        for track in self._tracks:
            if track.poses[frame].opacity > 0.01:
                self._paint_actor(canvas, track, track.poses[frame], mirror=False)
        canvas.restore()

    def _paint_footing(self, canvas: skia.Canvas, track: Track, pose: Pose) -> None:
        """The shadow or the reflection of an instance."""
        if self._backdrop.reflection and track.habitat in ("ground", "water"):
            self._paint_actor(canvas, track, pose, mirror=True)
        if track.habitat != "ground":
            return
        wide, tall = (
            side * pose.scale for side in EXTENT[self._script.actors[track.actor].subject]
        )
        middle = pose.x + tall / 2 * math.sin(math.radians(pose.rotation))
        fade = max(0.0, 1 - pose.lift / 110) ** 2
        half = wide * (0.52 + pose.lift / 400)
        canvas.save()
        canvas.translate(middle, pose.ground)
        canvas.scale(half, half * 0.16 + 1.2)
        strength = self._backdrop.shadow * fade * pose.opacity
        canvas.drawCircle(0, 0, 1, skia.Paint(Shader=_SHADOW, Alphaf=strength))
        canvas.restore()

    def _paint_actor(self, canvas: skia.Canvas, track: Track, pose: Pose, mirror: bool) -> None:
        """An instance, or its mirror image in the ground below it."""
        actor = self._script.actors[track.actor]
        opacity = pose.opacity * (self._backdrop.reflection if mirror else 1.0)
        layered = opacity < 0.99 or self._light is not None
        canvas.save()
        if mirror:
            canvas.translate(0, pose.ground * (1 + _SQUINT))
            canvas.scale(1, -_SQUINT)
        canvas.translate(pose.x, pose.y)
        canvas.rotate(pose.rotation)
        canvas.scale(
            (-1 if pose.flip else 1) * pose.scale / pose.stretch, pose.scale * pose.stretch
        )
        if layered:
            wide, tall = EXTENT[actor.subject]
            area = skia.Rect.MakeLTRB(-0.8 * wide, -1.35 * tall, 0.8 * wide, 0.3 * tall)
            canvas.saveLayer(area, skia.Paint(ColorFilter=self._light, Alphaf=opacity))
        draw_subject(canvas, actor.subject, actor.colour, pose.phase)
        if layered:
            canvas.restore()
        canvas.restore()

    # ---- layers ---------------------------------------------------------------------------

    def _prepared(self, layer: Layer) -> _Paint:
        """The layer as a function that puts it on a canvas at time t."""
        match layer:
            case Still():
                return self._prepared_still(layer)
            case Tile():
                return self._prepared_tile(layer)
            case Live():
                return self._prepared_live(layer)

    def _prepared_still(self, layer: Still) -> _Paint:
        sx, sy = self._scale
        top, bottom = math.floor(layer.top * sy), math.ceil(layer.bottom * sy)
        margin = math.ceil(MARGIN * sx) if layer.far else 0
        image = self._painted(
            layer.paint, self._size[0] + 2 * margin, bottom - top, (margin, -top), layer.opaque
        )
        pan = self._pan * layer.far * sx
        brush = skia.Paint(BlendMode=skia.BlendMode.kSrc) if layer.opaque else None

        def put(canvas: skia.Canvas, t: float) -> None:
            # Whole pixels: a copy is three times faster than a blend of neighbours.
            canvas.drawImage(image, round((t - 0.5) * pan) - margin, top, _NEAREST, brush)

        return put

    def _prepared_tile(self, layer: Tile) -> _Paint:
        sx, sy = self._scale
        wide, tall = round(layer.width * sx), round(layer.height * sy)
        image = self._painted(layer.paint, wide, tall, (0, 0), False)
        area = skia.Rect.MakeLTRB(0, layer.top * sy, self._size[0], layer.bottom * sy)

        def put(canvas: skia.Canvas, t: float) -> None:
            offset = skia.Matrix.Translate(
                round(layer.drift[0] * t * sx), round(layer.top * sy + layer.drift[1] * t * sy)
            )
            repeat = skia.TileMode.kRepeat
            shader = image.makeShader(repeat, repeat, _NEAREST, offset)
            canvas.drawRect(area, skia.Paint(Shader=shader))

        return put

    def _prepared_live(self, layer: Live) -> _Paint:
        def put(canvas: skia.Canvas, t: float) -> None:
            canvas.save()
            canvas.scale(*self._scale)
            layer.paint(canvas, t)
            canvas.restore()

        return put

    def _painted(
        self,
        paint: Callable[[skia.Canvas], None],
        width: int,
        height: int,
        origin: tuple[int, int],
        opaque: bool,
    ) -> skia.Image:
        """A painter's work as an image; `origin` is where scene (0, 0) lies in it, in pixels."""
        kind = skia.kOpaque_AlphaType if opaque else skia.kPremul_AlphaType
        info = skia.ImageInfo.Make(width, height, skia.kRGBA_8888_ColorType, kind)
        surface = skia.Surface.MakeRaster(info)
        canvas = surface.getCanvas()
        canvas.clear(0)
        canvas.translate(*origin)
        canvas.scale(*self._scale)
        paint(canvas)
        return surface.makeImageSnapshot()


_NEAREST = skia.SamplingOptions()
_SHADOW = skia.GradientShader.MakeRadial(
    skia.Point(0, 0), 1.0, [0xFF0A1020, 0xB00A1020, 0x000A1020], [0.0, 0.55, 1.0]
)
