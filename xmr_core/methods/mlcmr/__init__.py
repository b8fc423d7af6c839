"""MLCMR: sentences of several languages and videos in one space, with the video as the anchor.

"Multilingual Text-Video Cross-Modal Retrieval Model via Multilingual-Visual Common Space
Learning", 2024; public code HuiGuanLab/MLCMR. Its video encoder is that of Dual Encoding (Dong et
al., "Dual Encoding for Video Retrieval by Text", IEEE TPAMI 2021): three levels, the mean of the
frames, a bidirectional GRU, and convolutions over the GRU's states. One text encoder serves all
languages. Trained on clips that have a sentence in each language (parallel; pseudo-parallel if one
is a machine translation) or in one language only (non-parallel):

    L = sum over languages s of  Tri(t_s, v) + NCE(t_s, t'_s)   +   NCE(v, v')

with Tri the triplet loss on the hardest negatives of both directions and NCE the symmetric InfoNCE,
both summed over the batch. There is no term between two languages.

Symbol        Name here
v, v'         `video`, and the same video without 80 % of its frames
t_s, t'_s     `texts[s]`, and the same sentence with 15 % of its tokens masked
margin        `margin`, 0.2
tau           `temperature`, 0.07
w             `query_weight`: score = w cos(query, v) + (1 - w) cos(its machine translation, v)

Deviations:
    * Padding counts for nothing: the GRU runs backwards from the last real frame, the maximum of
      the convolutions goes over windows with a real frame in them, and texts are averaged over
      their real tokens. In the public code embeddings depend on the longest item of the batch;
      `legacy_padding` repeats that.
    * `scenes` is trained with a small text tower from nothing instead of multilingual BERT, and its
      mask is the mark of unknown words.
    * AdamW with warm-up and cosine decay instead of Adam with a decay that looks at validation.
    * A new tower has no hardest negatives to learn from: in the first `all_negatives_steps` steps
      the triplet loss takes the mean over all negatives.
    * Chosen on validation data only; the public code chooses on the test set for MSR-VTT.
"""
