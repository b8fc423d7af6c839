"""HMMC: hierarchical matching of a text with a video and with its frames, and momentum contrast.

Shen, Song, Zhu, Li and Shen, "End-to-End Pre-Training With Hierarchical Matching and Momentum
Contrast for Text-Video Retrieval", IEEE TIP 32, 2023 (doi 10.1109/TIP.2023.3275071). The paper's
body was not at hand: formulas are those of the authors' public code, and its numbers are the golden
ones of the tests.

Frames go through CLIP's picture tower one by one; a temporal transformer lets them look at each
other in their order. A text is scored against the video and against the best frames:

    score(t, v) = 100 cos(t, v) + mean of the k largest 100 cos(t, f_i)

Symbol          Name here
f_i             frame features, before the temporal transformer, not of unit length
v               video: mean of the unit vectors after it
t               sentence
k               `top_frames`
S_V, S_i        scores of the video level and of frame number i
CE2             `two_way_cross_entropy`
Q, K            `KeyQueue`, `queue_length`
tau             `temperature`
m               `momentum`
p, z            `predictor`, `projector`
VTM, FTM        `video_text_matching`, `frame_text_matching`
FAM, MLM        `frame_adjacency_matching`, `masked_language_loss`

Fine-tuning: 0.85 CE2(S_V) + 0.15 mean_i CE2(S_i). Pre-training: 0.05 FAM + 0.45 VTM + 0.45 FTM
+ 0.05 MLM, keys from slow copies of the towers, negatives from queues.

Deviations:
    * Masked frames are left out of the temporal transformer. The public code pads with black
      frames and looks at them.
    * A draw that hides no word gives an MLM loss of 0; in the public code, NaN for the whole step.
    * k may be larger than the number of frames, and a batch may hold a single video or text.
    * Losses of tags are on where tags are given; a renamed option switches them off in the public
      code. The text projector that no loss uses is left out.
    * Weights are float32. The public code trains float16 weights in place, whose rounding swallows
      most steps at its learning rate of 1e-7, so its learning rates mean nothing here.
    * `legacy_special_tokens` frames Chinese sentences with [UNK], as the published VATEX model
      was trained by a mistake of its loader.
    * On `scenes`: the towers start from a small CLIP, all but the last block of the picture tower
      stay as they are, the places of frames start as waves, and clips that make sense backwards
      come in both directions. That pair is the only negative that differs in nothing but order.
"""
