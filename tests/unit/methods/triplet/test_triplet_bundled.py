"""The shipped checkpoints and galleries fit together."""

import numpy as np
import pytest

from xmr_core.checkpoints import load_checkpoint
from xmr_core.datasets.scenes.dataset import bundled_root
from xmr_core.engine import Engine

LENGTHS = (16, 32, 48, 64)


@pytest.mark.parametrize("bits", LENGTHS)
def test_every_length_has_a_checkpoint_and_its_gallery(bits):
    engine = Engine(f"scenes-triplet-{bits}")
    assert (engine.bits, engine.reads_text) == (bits, False)
    encoder, _ = load_checkpoint(engine.checkpoint)
    assert encoder.bits == bits
    first = engine.clips[0]
    same, other = engine.codes(first.id, first.id)
    assert np.array_equal(same, other)


def test_a_clips_file_finds_the_clip_and_others_of_its_action():
    engine = Engine("scenes-triplet-64")
    clip = engine.clips[1]
    found = engine.similar(bundled_root() / clip.video)
    assert found.matches[0].score >= 62  # of 64 bits: decoders may differ in a grey level
    assert clip.id in {match.clip.id for match in found.matches if match.score >= 62}
    actions = [match.clip.action for match in found.matches]
    assert actions.count(clip.action) >= 8
