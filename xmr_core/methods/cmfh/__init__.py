"""CMFH: collective matrix factorisation hashing, two linear maps into one space of short codes.

Ding, Guo and Zhou, "Collective Matrix Factorization Hashing for Multimodal Data", CVPR 2014;
Ding, Guo, Zhou and Gao, "Large-Scale Cross-Modality Search via Collective Matrix Factorization
Hashing", IEEE TIP 25(11), 2016 (doi 10.1109/TIP.2016.2607421).

Minimises, over items that come as pairs, all norms squared Frobenius and X_t centred,

    F = sum_t l_t |X_t - U_t V|^2 + mu sum_t |V - P_t X_t|^2
        + gamma (sum_t |U_t|^2 + sum_t |P_t|^2 + |V|^2)

Symbol        Name here
X_t           features of view t; columns are items in the paper, rows are items in our arrays
V             latents: one vector of `bits` numbers per pair
U_t           `bases`, shape (width, bits)
P_t           `projections`, shape (bits, width); the latent of one item is P_t (x - mean_t)
M_t           `maps`, shape (bits, width): V = sum_t M_t X_t, so V is never stored
lambda        `view_weight`: l_1 = lambda, l_2 = 1 - lambda
mu, gamma     `mu`, `gamma`
k             `bits`

Each block update is the exact minimiser, so F never rises. All of them need the data only through
the products X_s X_t', which one pass collects; no iteration looks at an item again.

Deviations:
    * Solved from the products of the views, with the same iterates as the plain loop.
    * Stops on a relative decrease of F, from a start scaled by 0.01: from a standard normal start
      100 iterations may leave F at 80 times its optimum.
    * `rotate` turns the latent space by ITQ (Gong and Lazebnik, CVPR 2011); F does not notice.
    * `label_view` and `graph` are two supervised forms. The first, labels as a third view that is
      reconstructed and never projected, is ours. The second is SMFH (Tang, Wang and Shao,
      "Supervised Matrix Factorization Hashing for Cross-Modal Retrieval", IEEE TIP 25(7), 2016).
    * `legacy_double_identity` repeats a public script that counts the identity in the V update
      twice. It shrinks the latents and can drive small data sets to zero: to reproduce only.
"""
