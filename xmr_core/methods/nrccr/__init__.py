"""NRCCR: search in a language whose training sentences are noisy machine translations.

Wang, Dong, Liang, Zhang, Cai and Wang, "Cross-Lingual Cross-Modal Retrieval with Noise-Robust
Learning", ACM MM 2022 (arXiv:2208.12526).

A training item has a clip, its sentence in the source language (English, clean), the machine
translation into the target language (noisy), and that translated back. One text encoder reads all
three. A fourth view lets the source sentence attend to the target one: what the clean words find in
the noisy translation. It teaches the target view, which alone is there at search.

Symbol        Name here
c_s, c_t      `source`, `target`: embeddings of the two sentences
c_b           `back`: embedding of the back-translated sentence
h_c           `cross`: embedding of the source attending to the target, and of the target itself
v             `video`
Tri           `triplet_loss`: hardest negatives of the batch, both directions, summed
KD            `distillation_loss`: h_c's similarities to the videos teach c_t's
D             `Adversary`: tells the languages apart from the text tower's states

    L = Tri(c_s, v) + 0.6 Tri(c_t, v) + 0.4 KD(h_c, c_t, v) + 0.1 SmoothL1(c_t, h_c)
        + 0.5 Tri(c_s, c_b) + 0.001 BCE(D(states of the target), source)

Deviations:
    * Means over a sequence leave padding out, so an embedding does not depend on its batch, and D
      sees no padding. `legacy_padding` counts it, as the public code does (and cuts a video to its
      first 64 frames): for the published checkpoints.
    * A video with more frames than there are learned positions shares them out evenly.
    * The small model reads words of its own vocabulary with `SmallTextTower`, trained from nothing;
      any BERT or XLM-R of transformers can take its place.
    * One learning rate schedule with warm-up and cosine decay, as all methods here, instead of
      decay by epochs.
    * A network trained from nothing can take all negatives of the batch instead of the hardest in
      its first steps (`all_negatives_steps`).
    * Extra attention layers, which the public code applies but neither trains nor saves, do not
      exist here.
"""
