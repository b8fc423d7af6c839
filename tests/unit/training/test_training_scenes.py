import numpy as np
import pytest
import torch

from xmr_core.datasets.scenes.render import render_frames
from xmr_core.datasets.scenes.script import script
from xmr_core.training import scenes
from xmr_core.training.scenes import frame_times, scene_features, scene_pixels


class MeanColour:
    id = "mean-colour"

    def __init__(self):
        self.calls = 0

    def frame_features(self, frames):
        self.calls += 1
        return torch.from_numpy(frames.mean(axis=(1, 2)) / 255).float()


def test_frames_are_the_middles_of_equal_stretches():
    assert frame_times(4) == [6, 18, 30, 42]


def test_pixels_are_the_drawn_frames_and_are_kept(tmp_path):
    drawn = scene_pixels("val", 3, 2, tmp_path, width=40, height=24)
    assert drawn.shape == (3, 2, 24, 40, 3)
    assert np.array_equal(drawn[1], render_frames(script("val", 1), [12, 36], 40, 24))
    again = scene_pixels("val", 3, 2, tmp_path, width=40, height=24)
    assert isinstance(again, np.memmap)


def test_a_stopped_drawing_goes_on_where_it_was(tmp_path, monkeypatch):
    monkeypatch.setattr(scenes, "_BLOCK", 2)

    class Stopping(MeanColour):
        def frame_features(self, frames):
            if self.calls == 2:  # the width, one block, and then the power fails
                raise KeyboardInterrupt
            return super().frame_features(frames)

    with pytest.raises(KeyboardInterrupt):
        scene_features(Stopping(), "val", 6, 2, tmp_path)
    later = MeanColour()
    features = scene_features(later, "val", 6, 2, tmp_path)
    assert later.calls == 3  # the width and the two blocks that were missing
    whole = scene_features(MeanColour(), "val", 6, 2, tmp_path / "other")
    assert np.array_equal(features, whole)
    assert [path.suffix for path in tmp_path.glob("*.*")] == [".npy"]
