"""Frame sampling against the indices of the public HMMC loaders."""

import json
import random
import re

import pytest

from xmr_core.media.frame_pool import choose_frames, dynamic_count


@pytest.fixture(scope="module")
def golden(shared):
    return json.loads(shared("fixtures/hmmc/frame_indices.json").read_text())


def test_uniform(golden):
    for name, indices in golden["uniform"].items():
        pool, frames = map(int, re.findall(r"\d+", name))
        assert choose_frames(pool, frames) == indices, name


def test_random_rules_draw_what_the_original_drew(golden):
    for name, indices in golden["random"].items():
        sampling, numbers = name.split(" ", 1)
        pool, frames, seed = map(int, re.findall(r"\d+", numbers))
        assert choose_frames(pool, frames, sampling, random.Random(seed)) == indices, name


def test_dynamic(golden):
    for case in golden["dynamic"]:
        length, most = case["duration"], case["max_frames"]
        assert dynamic_count(length, most) == case["pretrain"], case
        assert dynamic_count(length, most, per_second=0.5) == case["query"], case
