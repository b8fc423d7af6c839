"""The small model's own vocabulary: whole words of English and Chinese, counted on captions.

English is cut at spaces and punctuation. Chinese has no spaces: the longest word of the vocabulary
that matches is taken, else a single character. Whatever is not in the vocabulary becomes <unk>, and
`words` tells the visitor which words those are instead of hiding it in pieces of words.

Saved as a `tokenizer.json` of the Hugging Face tokenizers library, which open_clip reads.
"""

import re
from collections import Counter
from collections.abc import Iterable
from pathlib import Path
from typing import Any

from tokenizers import Regex, Tokenizer, normalizers, pre_tokenizers, processors
from tokenizers.models import WordLevel
from transformers import PreTrainedTokenizerFast

from xmr_core.types import Word

PAD, START, UNKNOWN, END = "<pad>", "<start>", "<unk>", "<end>"
_ENGLISH = r"[a-z0-9]+(?:'[a-z]+)?"
_OTHER = r"[^\s\p{P}\p{S}]"  # one character of any other script


def train_tokenizer(
    english: Iterable[str], chinese: Iterable[tuple[str, Iterable[str]]], min_count: int = 5
) -> Tokenizer:
    """Counts the words of captions and makes a tokenizer of those that recur.

    Args:
        english: English captions.
        chinese: Chinese captions, each with the words in it that name something; these become
            words of the vocabulary, all other characters stand alone.
        min_count: How often a word must occur.
    """
    counts: Counter[str] = Counter()
    for text in english:
        counts.update(re.findall(_ENGLISH, text.lower()))
    chinese = list(chinese)
    named = Counter(word for _, words in chinese for word in words if 2 <= len(word) <= 4)
    lexicon = [word for word, count in named.items() if count >= min_count]
    pieces = re.compile("|".join([*_longest_first(lexicon), r"[\u3400-\u9fff]"]))
    for text, _ in chinese:
        counts.update(pieces.findall(text))
    kept = sorted(word for word, count in counts.items() if count >= min_count)
    # <end> has the highest id: CLIP's text tower pools where the token id is largest.
    vocabulary = [PAD, START, UNKNOWN, *kept, END]
    tokenizer = Tokenizer(WordLevel({w: i for i, w in enumerate(vocabulary)}, unk_token=UNKNOWN))
    tokenizer.normalizer = normalizers.Sequence([normalizers.NFKC(), normalizers.Lowercase()])
    pattern = "|".join([_ENGLISH, *_longest_first(w for w in kept if w in named), _OTHER])
    tokenizer.pre_tokenizer = pre_tokenizers.Split(Regex(pattern), "removed", invert=True)
    tokenizer.post_processor = processors.TemplateProcessing(
        single=f"{START} $A {END}",
        special_tokens=[(START, vocabulary.index(START)), (END, vocabulary.index(END))],
    )
    return tokenizer


def save_tokenizer(tokenizer: Tokenizer, folder: Path) -> None:
    """Writes the files that `open_clip.get_tokenizer("local-dir:...")` reads."""
    PreTrainedTokenizerFast(
        tokenizer_object=tokenizer,
        bos_token=START,
        eos_token=END,
        pad_token=PAD,
        unk_token=UNKNOWN,
    ).save_pretrained(str(folder))


def whole_text_tokenizer(open_clip_tokenizer: Any) -> Tokenizer:
    """A copy of the tokenizer inside open_clip's, without its cutting and padding of texts."""
    tokenizer = Tokenizer.from_str(open_clip_tokenizer.tokenizer.backend_tokenizer.to_str())
    tokenizer.no_padding()
    tokenizer.no_truncation()
    return tokenizer


def known_words(tokenizer: Tokenizer, text: str) -> tuple[Word, ...]:
    """The words of `text` as the vocabulary cuts them; neighbouring unknown characters are one."""
    encoding = tokenizer.encode(text, add_special_tokens=False)
    words: list[Word] = []
    for token, (start, end) in zip(encoding.tokens, encoding.offsets, strict=True):
        known = token != UNKNOWN
        last = words[-1] if words else None
        if last and not known and not last.known and last.end == start:
            words[-1] = Word(text[last.start : end], last.start, end, known=False)
        else:
            words.append(Word(text[start:end], start, end, known))
    return tuple(words)


def open_words(text: str) -> tuple[Word, ...]:
    """The words of `text` for a model with an open vocabulary: runs of letters, single Han."""
    pattern = r"[\u3400-\u9fff]|[^\W\u3400-\u9fff]+(?:'\w+)?"
    return tuple(Word(m[0], m.start(), m.end(), known=True) for m in re.finditer(pattern, text))


def _longest_first(words: Iterable[str]) -> list[str]:
    return sorted(words, key=lambda word: (-len(word), word))
