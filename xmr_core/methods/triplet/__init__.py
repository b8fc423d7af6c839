"""Triplet video hashing: a 3D residual network, and short codes in which same actions are near.

Lai, Pan, Liu and Yan, "Simultaneous Feature Learning and Hash Coding with Deep Neural Networks",
CVPR 2015 (arXiv:1504.03410), for the loss on triplets; Hara, Kataoka and Satoh, "Can Spatiotemporal
3D CNNs Retrace the History of 2D CNNs and ImageNet?", CVPR 2018 (arXiv:1711.09577), for the
network; Chen et al., "Deep Supervised Video Hashing", Sensors 21(9):3094, 2021, for both together.
The formats are those of https://github.com/zhongzhh8/Video-Retrieval-C3D (acb61ca).

    h = tanh(W f + b)                   f: mean of the last feature map over space and time
    L = mean over (a, p, n) of max(0, m + |h_a - h_p|^2 - |h_a - h_n|^2),  a < p, y_a = y_p != y_n
    bit = h >= 0

Symbol        Name here
h             `outputs`, shape (clips, bits), each in (-1, 1)
y             `labels`, the action classes
m             `margin`; for codes of -1 and +1 the squared distance is 4 times the Hamming distance
q             `bits`
T             frames of a clip

Beside the mean over all triplets there are the mean over those that violate the margin, batch-hard
(Hermans, Beyer and Leibe, "In Defense of the Triplet Loss for Person Re-Identification", 2017,
arXiv:1703.07737), semi-hard (Schroff, Kalenichenko and Philbin, "FaceNet", CVPR 2015,
arXiv:1503.03832), and Hadamard hash centres (Yuan et al., "Central Similarity Quantization for
Efficient Image and Video Retrieval", CVPR 2020, arXiv:1908.00347).

It has no text part: a clip is found by a clip. The network looks at all frames together, so the
features of a frame are its small normalised picture, and galleries do not keep them.

Deviations:
    * Every triplet counts once; `batch_all_loss(..., by_class_size=True)` counts it once per member
      of its class, as the public code does.
    * A gradient flows through the shortcuts that halve the picture; the public code cuts it there.
      Outputs are the same. `legacy_detached_shortcut` repeats the cut: to reproduce only.
    * A bit is h >= 0; the sign of the public code gives a third symbol for an exact zero.
    * Frame numbers beyond the end of a short clip are clamped; the public code fails there.
"""
