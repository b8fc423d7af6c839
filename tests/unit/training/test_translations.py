import random

import pytest

from xmr_core.datasets.scenes.captions import write_translations
from xmr_core.datasets.scenes.noise import back_translate
from xmr_core.datasets.scenes.script import script
from xmr_core.nn.tokenizer import known_words
from xmr_core.training.translations import translated_captions, translation_tokenizer


def told(caption):
    """What a caption asserts of the main actor, the setting and the time."""
    kinds = ("actor:0.colour", "actor:0.size", "setting", "time")
    return {kind: value for kind, value in caption.facts if kind in kinds}


def test_a_translation_tells_the_same():
    same = 0
    for index in range(30):
        for english, chinese in write_translations(script("train", index), 3, random.Random(index)):
            same += told(english) == told(chinese)
    assert same >= 80  # of 90; a wording may imply a time of day


def test_noise_leaves_the_english_alone_and_spoils_the_chinese():
    clean, noisy = (translated_captions(20, 2, noise, 0) for noise in (0.0, 0.5))
    pairs = list(zip(sum(clean, ()), sum(noisy, ()), strict=True))
    assert all(a.english == b.english for a, b in pairs)
    assert sum(a.chinese != b.chinese for a, b in pairs) > 30
    assert sum(a.back != b.back for a, b in pairs) > 20


def test_kept_captions_are_the_drawn_ones(tmp_path):
    drawn = translated_captions(5, 2, 0.3, 0, folder=tmp_path)
    assert len(list(tmp_path.glob("translations-*.json"))) == 1
    assert translated_captions(5, 2, 0.3, 0, folder=tmp_path) == drawn
    assert translated_captions(5, 2, 0.3, 1, folder=tmp_path) != drawn


@pytest.mark.parametrize(
    ("chinese", "english"),
    [
        ("一辆红色的汽车", "a red car"),
        ("红色 left 汽车", "red left car"),
        ("舞会", "something"),  # a wrong sense that the dictionary lacks
    ],
)
def test_back_translation_goes_word_by_word(chinese, english):
    assert back_translate(chinese) == english


def test_the_vocabulary_has_words_of_all_three_forms():
    captions = translated_captions(300, 2, 0.3, 0)
    tokenizer = translation_tokenizer(captions)
    assert all(word.known for word in known_words(tokenizer, "a red car on the road"))
    assert tokenizer.token_to_id("汽车") is not None
    assert tokenizer.token_to_id("红色") is not None
