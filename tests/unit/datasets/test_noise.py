import random
import re
from difflib import SequenceMatcher

import pytest

from xmr_core.datasets.scenes.captions import SceneCaption, caption_rng, write_captions
from xmr_core.datasets.scenes.noise import add_noise, segment
from xmr_core.datasets.scenes.script import script


@pytest.fixture(scope="module")
def chinese() -> list[SceneCaption]:
    return [
        caption
        for index in range(120)
        for caption in write_captions(
            script("val", index), "zh", 5, caption_rng("val", index, "zh")
        )
    ]


def words(text: str) -> list[str]:
    """Words of a noisy text: English ones as they stand, Chinese ones segmented."""
    parts = re.split(r" ?([a-z]+(?:[ -][a-z]+)*) ?", text)
    nested = [[part] if part.isascii() else segment(part.replace(" ", "")) for part in parts]
    return [word for group in nested for word in group if word.strip("，。 ")]


def share_changed(captions: list[SceneCaption], rate: float) -> float:
    """Share of the words that no longer stand in their place."""
    rng = random.Random("noise under test")
    kept = total = 0
    for caption in captions:
        before, after = words(caption.text), words(add_noise(caption, rate, rng))
        blocks = SequenceMatcher(None, before, after, autojunk=False).get_matching_blocks()
        kept += sum(block.size for block in blocks)
        total += len(before)
    return 1 - kept / total


def test_rate_0_changes_nothing(chinese):
    rng = random.Random(0)
    assert all(add_noise(caption, 0.0, rng) == caption.text for caption in chinese)


@pytest.mark.parametrize("rate", [0.1, 0.2, 0.3, 0.5])
def test_share_of_changed_words_is_about_the_rate(chinese, rate):
    assert share_changed(chinese, rate) == pytest.approx(rate, abs=0.03 + 0.04 * rate)


def test_full_noise_leaves_little_and_never_nothing(chinese):
    assert share_changed(chinese, 1.0) > 0.8
    rng = random.Random(1)
    assert all(add_noise(caption, 1.0, rng) for caption in chinese)


def test_same_seed_same_noise(chinese):
    noisy = [[add_noise(c, 0.3, random.Random(5)) for c in chinese] for _ in range(2)]
    assert noisy[0] == noisy[1]


def test_all_four_mistakes_happen(chinese):
    rng = random.Random(2)
    pairs = [(words(c.text), words(add_noise(c, 0.2, rng))) for c in chinese]
    assert any(word.isascii() for _, after in pairs for word in after)
    assert any(sorted(a) == sorted(b) and a != b for a, b in pairs), "order"
    assert any(len(b) < len(a) and set(b) < set(a) for a, b in pairs), "dropped"
    assert any(
        len(a) == len(b) and sum(x != y for x, y in zip(a, b, strict=True)) == 1 for a, b in pairs
    ), "wrong"


def test_wrong_senses_of_the_english_word():
    text = "一个红色的球向左滚动"
    caption = SceneCaption(text, "zh", (), ())
    rng = random.Random(3)
    seen = " ".join(add_noise(caption, 0.5, rng) for _ in range(200))
    assert "舞会" in seen  # ball as in dancing
    assert "离开" in seen  # left as in gone


def test_captions_are_made_of_known_words(chinese):
    for caption in chinese:
        assert "".join(segment(caption.text)) == caption.text
    assert segment("一辆红色的汽车正在公路上向左行驶。") == [
        "一", "辆", "红色", "的", "汽车", "正在", "公路", "上", "向", "左", "行驶", "。",
    ]  # fmt: skip


@pytest.mark.parametrize("rate", [-0.1, 1.1])
def test_rate_outside_0_to_1_is_refused(chinese, rate):
    with pytest.raises(ValueError, match="between 0 and 1"):
        add_noise(chinese[0], rate, random.Random(0))


def test_english_captions_are_refused():
    with pytest.raises(ValueError, match="Chinese"):
        add_noise(SceneCaption("a car", "en", (), ()), 0.1, random.Random(0))
