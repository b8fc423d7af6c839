"""Which subjects a checkpoint knows: `python -m benchmarks.subjects --checkpoint scenes-clip`.

Every test clip that shows one kind of thing is compared with one short text per subject, "a" and
its first English noun; counted is how often the right subject scores highest, or among the best
five. Colour, setting and event give nothing away here.
"""

import argparse

import numpy as np

from xmr_core.datasets.scenes.captions_en import article
from xmr_core.datasets.scenes.dataset import load_scripts
from xmr_core.datasets.scenes.words_en import NOUNS
from xmr_core.datasets.scenes.world import SUBJECTS
from xmr_core.indexing.scenes import scenes_for


def main() -> None:
    """Prints one line."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="scenes-clip")
    checkpoint = parser.parse_args().checkpoint
    encoder, gallery = scenes_for(checkpoint)
    scripts = load_scripts()
    rows = [i for i, clip in enumerate(gallery.clips) if len(scripts[clip.id].actors) == 1]
    names = list(SUBJECTS)
    nouns = [NOUNS[name][0] for name in names]
    texts = encoder.encode_text([f"{article(noun)} {noun}" for noun in nouns])
    scores = encoder.score(texts, gallery.embeddings()).numpy()[:, rows]  # (subjects, clips)
    right = [names.index(scripts[gallery.clips[row].id].actors[0].subject) for row in rows]
    better = (scores > scores[right, np.arange(len(rows))]).sum(axis=0)
    first, five = (100 * float((better < k).mean()) for k in (1, 5))
    print(
        f"{len(rows)} clips, {len(names)} subjects:"
        f" right one first {first:.1f} %, among five {five:.1f} %"
    )


if __name__ == "__main__":
    main()
