"""CMPL: cross-modal projection learning, images and sentences matched through all pairs of a batch.

Zhang and Lu, "Deep Cross-Modal Projection Learning for Image-Text Matching", ECCV 2018,
pp. 686-701. A video is retrieved by its frames.

Symbol        Name here
x_i, z_i      `images`, `texts`: the joint embeddings of pair i, not scaled to unit length
y_i           `identities`: pairs of the same identity match; a scene, a person or an image
p_ij, r_ij    predicted matching probabilities; q_ij: the true ones, each row summing to 1
x^, z^        `_projected`: an embedding projected on the other modality's direction
W             `classes`, shape (width, classes); its columns are scaled to unit length in the loss
eps           `EPSILON`
D             `embed_dim`

CMPM sums KL(p||q) over both directions; CMPC names the identity from the projected embedding. Both
losses have equal weight. The first stage keeps what lies below the joint heads as it is, the second
trains everything at a lower learning rate. The shipped checkpoint is trained with CMPM alone: with
thousands of scenes as classes, each seen a few times, CMPC changes nothing that validation can see.

Deviations:
    * Identities are compared as integers. The authors' code compares them as squared float32
      distances, by which different large numbers are equal.
    * Padding takes no part in the maximum over a sentence, in training as in search.
    * All weights are averaged over time, not those of the image part alone; batch normalisation
      keeps its statistics from the first stage to the second, and a frozen network keeps its own.
    * torchvision's networks with torchvision's normalisation: ResNet with the stride in the first
      unit of a stage, MobileNet of version 2 or 3 for 1.
    * AdamW with warm-up and cosine decay, as all methods here, for Adam with L2.
    * Beside the authors' losses: SDM (Jiang and Ye, "Cross-Modal Implicit Relation Reasoning and
      Aligning for Text-to-Image Person Retrieval", CVPR 2023, arXiv:2303.12501), InfoNCE with
      several positives (Khosla et al., "Supervised Contrastive Learning", NeurIPS 2020,
      arXiv:2004.11362), and the bi-directional ranking loss that the paper compares with.
    * On `scenes` the image features are those of a frozen trunk, below a small residual network
      (`adapter_width`) that starts as the identity and takes the place of the backbone in the
      two stages.
"""
