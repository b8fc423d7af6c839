"""A Chinese query fused with its machine translation: `python -m benchmarks.fusion`.

Every first Chinese caption of the bundled test clips is a query; its translation into English is
made word by word with a small dictionary. Prints, for each weight of the translation, both
directions and both protocols of NRCCR: 1 searches with the translation alone, 0 with the query
alone. No weight is chosen: all are shown.
"""

import argparse

import numpy as np
import torch

from xmr_core.checkpoints import load_checkpoint
from xmr_core.datasets.scenes.noise import back_translate
from xmr_core.encoder import Embeddings
from xmr_core.gallery import Gallery
from xmr_core.methods.nrccr.fusion import FusionResult, fusion_report
from xmr_core.opened import SCENES


def measure(checkpoint: str) -> tuple[FusionResult, ...]:
    """All weights, on the bundled test clips."""
    encoder, _ = load_checkpoint(checkpoint)
    gallery = Gallery.load(SCENES / "galleries" / "scenes-clip").with_head(encoder)
    videos = Embeddings({"global": torch.from_numpy(gallery.parts["global"])})
    queries = [clip.caption("zh") for clip in gallery.clips]
    translated = [back_translate(query) for query in queries]
    own, other = (
        encoder.score(encoder.encode_text(texts), videos).numpy() for texts in (queries, translated)
    )
    return fusion_report(other, own, np.arange(len(queries)))


def main() -> None:
    """Prints the table as markdown."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--checkpoint", default="scenes-nrccr")
    results = measure(parser.parse_args().checkpoint)
    print("| weight | t2v R@1/5/10 | t2v mAP | v2t captions R@1/5/10 | v2t groups R@1 | v2t mAP |")
    print("|---|---|---|---|---|---|")
    for one in results:
        t2v, v2t = (
            f"{m.recall_at_1:.1f} / {m.recall_at_5:.1f} / {m.recall_at_10:.1f}"
            for m in (one.t2v, one.v2t_caption)
        )
        print(
            f"| {one.weight:g} | {t2v} | {one.t2v_map:.3f} | {v2t}"
            f" | {one.v2t_group.recall_at_1:.1f} | {one.v2t_map:.3f} |"
        )


if __name__ == "__main__":
    main()
