import open_clip
import pytest

from xmr_core.methods.clip.config import ClipModelConfig
from xmr_core.nn.tokenizer import (
    END,
    known_words,
    open_words,
    save_tokenizer,
    train_tokenizer,
    whole_text_tokenizer,
)


@pytest.fixture(scope="module")
def tokenizer():
    english = ["a red car drives to the left", "two dogs", "A red balloon."] * 5
    chinese = [("一辆红色的汽车向左行驶", ["红色", "汽车", "向左", "行驶"])] * 5
    return train_tokenizer(english, chinese)


def test_words_keep_their_places_and_ignore_case_and_punctuation(tokenizer):
    text = "A RED car, drives!"
    words = known_words(tokenizer, text)
    assert [w.text for w in words] == ["A", "RED", "car", "drives"]
    assert all(text[w.start : w.end] == w.text for w in words)
    assert all(w.known for w in words)


def test_unknown_words_are_told(tokenizer):
    words = known_words(tokenizer, "a red giraffe drives")
    assert [(w.text, w.known) for w in words] == [
        ("a", True),
        ("red", True),
        ("giraffe", False),
        ("drives", True),
    ]


def test_chinese_is_cut_into_words_of_the_vocabulary(tokenizer):
    words = known_words(tokenizer, "红色的汽车行驶")
    assert [w.text for w in words] == ["红色", "的", "汽车", "行驶"]


def test_unknown_chinese_characters_are_one_word_and_leave_the_rest_alone(tokenizer):
    words = known_words(tokenizer, "红色长颈鹿行驶")
    assert [(w.text, w.known) for w in words] == [
        ("红色", True),
        ("长颈鹿", False),
        ("行驶", True),
    ]


def test_rare_words_are_left_out(tokenizer):
    rare = train_tokenizer(["red"] * 5 + ["blue"] * 4, [])
    assert rare.token_to_id("red") is not None
    assert rare.token_to_id("blue") is None
    assert tokenizer.token_to_id("red") is not None


def test_the_end_mark_has_the_highest_id(tokenizer):
    vocabulary = tokenizer.get_vocab()
    assert vocabulary[END] == max(vocabulary.values())


def test_open_clip_reads_the_saved_tokenizer(tokenizer, tmp_path):
    import json

    save_tokenizer(tokenizer, tmp_path)
    model_cfg = ClipModelConfig(context_length=8).open_clip(tokenizer.get_vocab_size())
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": model_cfg}))
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path}")(["a red car", "红色的汽车"])
    assert tokens.shape == (2, 8)
    expected = [tokenizer.token_to_id(t) for t in ("<start>", "a", "red", "car", "<end>")]
    assert tokens[0].tolist() == [*expected, 0, 0, 0]


def test_words_are_neither_padded_nor_cut_after_open_clip_used_the_tokenizer(tokenizer, tmp_path):
    import json

    save_tokenizer(tokenizer, tmp_path)
    model_cfg = ClipModelConfig(context_length=8).open_clip(tokenizer.get_vocab_size())
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": model_cfg}))
    loaded = open_clip.get_tokenizer(f"local-dir:{tmp_path}")
    loaded(["a red car"])
    whole = whole_text_tokenizer(loaded)
    assert len(known_words(whole, "red")) == 1
    assert len(known_words(whole, "red " * 50)) == 50


def test_a_long_text_keeps_its_end_mark(tokenizer, tmp_path):
    import json

    save_tokenizer(tokenizer, tmp_path)
    model_cfg = ClipModelConfig(context_length=8).open_clip(tokenizer.get_vocab_size())
    (tmp_path / "open_clip_config.json").write_text(json.dumps({"model_cfg": model_cfg}))
    tokens = open_clip.get_tokenizer(f"local-dir:{tmp_path}")(["red " * 50])
    assert tokens.shape == (1, 8)
    assert tokens[0, -1] == tokenizer.token_to_id(END)


def test_open_vocabulary_knows_everything_and_splits_han():
    assert [w.text for w in open_words("A dog's red car 红色")] == [
        "A",
        "dog's",
        "red",
        "car",
        "红",
        "色",
    ]
    assert all(w.known for w in open_words("zebra"))
