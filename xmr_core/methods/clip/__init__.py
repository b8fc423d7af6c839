"""CLIP, zero-shot, with mean pooling over frames: the baseline that any other method must beat.

Radford et al., "Learning Transferable Visual Models From Natural Language Supervision", 2021
(arXiv:2103.00020). Mean pooling of frame embeddings follows the parameter-free variant of
Luo et al., "CLIP4Clip", 2021 (arXiv:2104.08860), section 3.3.

Symbol        Name here
I_e, T_e      image and text embeddings, unit length
t             `logit_scale`, the log of the inverse temperature
W_i, W_t      `visual.proj`, `text_projection`

Models are built by open_clip or by transformers; `files` loads a folder in either's layout or a
name that open_clip knows. The small one of this project is open_clip's, trained from nothing on the
world `scenes`.

Deviation: beside the contrastive loss the small model is trained to name the words of its caption
from the image embedding (Joulin et al., "Learning Visual Features from Large Weakly Supervised
Data", 2016, arXiv:1511.02251). On two cores this is what makes a vision transformer learn in an
hour; the linear head is thrown away afterwards, so the checkpoint is a plain CLIP.
"""
