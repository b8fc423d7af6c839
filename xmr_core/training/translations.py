"""Training captions of `scenes` in English, in noisy Chinese, and translated back to English.

What a method for noisy machine translation is trained on. Everything is a function of the seed, so
two methods, or two rates of noise, are trained on the same sentences.
"""

import json
import random
from collections.abc import Iterable
from dataclasses import astuple, dataclass
from pathlib import Path

from tokenizers import Tokenizer

from xmr_core.datasets.scenes.captions import write_translations
from xmr_core.datasets.scenes.noise import add_noise, back_translate, segment
from xmr_core.datasets.scenes.script import script
from xmr_core.nn.tokenizer import train_tokenizer
from xmr_core.progress import Progress, no_progress


@dataclass(frozen=True, slots=True)
class TranslatedCaption:
    """A sentence in its three forms.

    Attributes:
        english: As written.
        chinese: Its translation, spoilt.
        back: The translation translated back, word by word.
    """

    english: str
    chinese: str
    back: str


def translated_captions(
    clips: int,
    count: int,
    noise: float,
    seed: int,
    progress: Progress = no_progress,
    *,
    folder: Path | None = None,
) -> list[tuple[TranslatedCaption, ...]]:
    """Sentences about the first training clips, each with its one noisy translation.

    Args:
        clips: How many clips.
        count: Sentences about each.
        noise: Share of the Chinese words that are spoilt, 0 to 1.
        seed: Decides sentences and mistakes. Sentences do not depend on `noise`.
        progress: Counts clips.
        folder: Where they are kept, for the next run with the same settings.
    """
    name = f"translations-{clips}x{count}-noise{noise:g}-seed{seed}.json"
    path = folder / name if folder else None
    if path and path.is_file():
        stored = json.loads(path.read_text(encoding="utf-8"))
        return [tuple(TranslatedCaption(*texts) for texts in clip) for clip in stored]
    found = [
        _translated(index, count, noise, seed)
        for index in progress(range(clips), desc="translating captions", total=clips)
    ]
    if path:
        path.parent.mkdir(parents=True, exist_ok=True)
        temporary = path.with_suffix(".tmp")
        texts = [[astuple(one) for one in clip] for clip in found]
        temporary.write_text(json.dumps(texts, ensure_ascii=False), encoding="utf-8")
        temporary.replace(path)
    return found


def _translated(index: int, count: int, noise: float, seed: int) -> tuple[TranslatedCaption, ...]:
    """The sentences of one clip."""
    pairs = write_translations(
        script("train", index), count, random.Random(f"translations/{seed}/{index}")
    )
    mistakes = random.Random(f"mistakes/{seed}/{index}")
    spoilt = [(english.text, add_noise(chinese, noise, mistakes)) for english, chinese in pairs]
    return tuple(TranslatedCaption(en, zh, back_translate(zh)) for en, zh in spoilt)


def translation_tokenizer(captions: Iterable[Iterable[TranslatedCaption]]) -> Tokenizer:
    """The vocabulary of a run: every word that recurs in its captions, spoilt ones included."""
    flat = [caption for clip in captions for caption in clip]
    chinese = [caption.chinese for caption in flat]
    # Noisy Chinese holds English words too, so it is counted both ways.
    english = [text for caption in flat for text in (caption.english, caption.back)]
    return train_tokenizer(
        english + chinese, [(text, [w for w in segment(text) if len(w) > 1]) for text in chinese]
    )
