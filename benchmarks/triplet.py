"""Does a hash code of motion find the same action by another cast? Beside codes without learning.

    python -m benchmarks.triplet [--card] [--galleries]
    python -m benchmarks.triplet --lengths checkpoints/scenes-triplet-64

Prints two tables as markdown: mAP by length of code, and average precision by action. `--card` also
writes the numbers into the cards, and `--galleries` the embeddings of the bundled clips, for all
lengths from one look at the clips. `--lengths` writes the checkpoints of the shorter codes beside
the one that `xmr train triplet` wrote; they share its 3D network.

Random projections are signs of Gaussian projections of centred vectors (Charikar, "Similarity
Estimation Techniques from Rounding Algorithms", 2002), the mean of ten draws.
"""

import argparse
from collections.abc import Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from typing import Any

import numpy as np
import torch
from numpy.typing import NDArray
from safetensors.numpy import load_file

from xmr_core.checkpoints import (
    BUNDLED,
    bundled_checkpoints,
    read_card,
    write_card,
)
from xmr_core.datasets.scenes.dataset import bundled_root, load_clips, load_scripts
from xmr_core.encoder import Embeddings
from xmr_core.files import checksum
from xmr_core.gallery import Gallery, GalleryCard
from xmr_core.media.worker import MediaReader, ReadRequest
from xmr_core.methods.triplet.model import (
    HASH_LAYERS,
    TripletEncoder,
    embeddings,
    load,
    write_length,
)
from xmr_core.methods.triplet.protocol import PROTOCOL, other_cast_map, other_cast_precision
from xmr_core.similarity import cosine_scores, hamming_scores, pack_bits
from xmr_core.types import CheckpointCard, Video

COMMAND = "python -m benchmarks.triplet --card"
ZERO_SHOT = "scenes-clip"
DRAWS = 10
OURS = "triplet hashing"


@dataclass(frozen=True, slots=True)
class Row:
    """One system: mAP by length of code, and of its real-valued vectors."""

    name: str
    by_bits: dict[int, float]
    real: float


@dataclass(frozen=True, slots=True)
class World:
    """The bundled clips: what they show and who shows it."""

    actions: list[str]
    casts: list[frozenset[str]]

    @classmethod
    def bundled(cls) -> "World":
        """The 1,000 test clips."""
        scripts = load_scripts().values()
        casts = [frozenset(actor.subject for actor in script.actors) for script in scripts]
        return cls([script.event for script in scripts], casts)

    def measure(self, scores: NDArray[Any]) -> float:
        """The mAP of a score matrix."""
        return other_cast_map(scores, self.actions, self.casts)

    def by_action(self, scores: NDArray[Any]) -> dict[str, float]:
        """Mean average precision of the queries of each action."""
        found = other_cast_precision(scores, self.actions, self.casts)
        actions = np.asarray(self.actions)
        return {name: float(np.nanmean(found[actions == name])) for name in sorted(set(actions))}


def equal_bits(embeddings: Embeddings, bits: int) -> NDArray[np.int16]:
    """Of the codes of every pair of clips."""
    codes = embeddings["code"].numpy()
    return hamming_scores(codes, codes, bits)


def random_codes(vectors: NDArray[np.float32], bits: int, draw: int) -> NDArray[np.int16]:
    """Equal bits of every pair, for signs of random projections."""
    generator = np.random.default_rng((draw, bits))
    directions = generator.standard_normal((vectors.shape[1], bits))
    codes = pack_bits((vectors - vectors.mean(axis=0)) @ directions >= 0)
    return hamming_scores(codes, codes, bits)


def projected(name: str, vectors: NDArray[np.float32], lengths: list[int], world: World) -> Row:
    """Random projections of vectors, and the vectors' own cosine."""
    by_bits = {
        bits: float(
            np.mean([world.measure(random_codes(vectors, bits, draw)) for draw in range(DRAWS)])
        )
        for bits in lengths
    }
    return Row(name, by_bits, world.measure(cosine_scores(vectors, vectors)))


def pooled_features(encoder: TripletEncoder) -> torch.Tensor:
    """What the hash layer sees of every bundled clip."""
    root, found = bundled_root(), []
    with MediaReader(1) as reader:
        requests = [ReadRequest(root / clip.video, encoder.num_frames) for clip in load_clips()]
        for _, video in reader.read_many(requests):
            assert isinstance(video, Video), f"a bundled clip cannot be read: {video}"
            features = encoder.frame_features(video.frames)[None]
            found.append(encoder.pooled(features, torch.ones(features.shape[:2], dtype=torch.bool)))
    return torch.cat(found)


def embed(encoders: dict[int, TripletEncoder]) -> tuple[torch.Tensor, dict[int, Embeddings]]:
    """The bundled clips as features of the shared 3D network and, by length, as codes."""
    full = encoders[max(encoders)]
    for encoder in encoders.values():
        own = encoder.network.backbone.state_dict().values()
        same = zip(own, full.network.backbone.state_dict().values(), strict=True)
        if not all(torch.equal(a, b) for a, b in same):
            raise SystemExit(f"{encoder.id} and {full.id} have different 3D networks")
    pooled = pooled_features(full)
    with torch.inference_mode():
        outputs = {bits: encoder.network.outputs(pooled) for bits, encoder in encoders.items()}
    return pooled, {bits: embeddings(found, bits) for bits, found in outputs.items()}


def measure(
    pooled: torch.Tensor, found: dict[int, Embeddings], world: World
) -> tuple[list[Row], dict[str, dict[str, float]]]:
    """All systems, and average precision by action of the longest code and of the CLIP vector."""
    lengths = list(found)
    outputs = found[lengths[-1]]["global"].numpy()
    own = {bits: world.measure(equal_bits(found[bits], bits)) for bits in lengths}
    vectors = np.asarray(clip_gallery().parts["global"])
    rows = [
        Row(OURS, own, world.measure(cosine_scores(outputs, outputs))),
        projected("its 3D features, random projection", pooled.numpy(), lengths, world),
        projected("zero-shot CLIP vector, random projection", vectors, lengths, world),
    ]
    chance = world.measure(np.zeros((len(vectors), len(vectors)), np.float32))
    rows.append(Row("any order", dict.fromkeys(lengths, chance), chance))
    actions = {
        f"{lengths[-1]} bits": world.by_action(equal_bits(found[lengths[-1]], lengths[-1])),
        "CLIP vector": world.by_action(cosine_scores(vectors, vectors)),
    }
    return rows, actions


def clip_gallery() -> Gallery:
    """The bundled clips as the zero-shot baseline sees them."""
    return Gallery.load(bundled_root() / "galleries" / ZERO_SHOT)


def write_galleries(cards: list[CheckpointCard], found: dict[int, Embeddings]) -> None:
    """Writes what `xmr` would index the bundled clips to."""
    model = clip_gallery()
    for card in cards:
        parts = {name: part.numpy() for name, part in found[card.bits].parts.items()}
        about = GalleryCard(
            name=model.card.name,
            checkpoint_id=card.id,
            checkpoint_sha256=card.sha256,
            width=card.bits,
            num_frames=card.num_frames,
            num_items=len(model),
            media_root=model.card.media_root,
        )
        Gallery(about, model.clips, parts).save(bundled_root() / "galleries" / card.id)


def show(rows: list[Row], actions: dict[str, dict[str, float]]) -> None:
    """Prints both tables as markdown, in percent."""
    lengths = list(rows[0].by_bits)
    print(f"{PROTOCOL}\n")
    print("| mAP | " + " | ".join(f"{bits} bits" for bits in lengths) + " | real-valued, cosine |")
    print("|---|" + "---|" * (len(lengths) + 1))
    for row in rows:
        values = [*row.by_bits.values(), row.real]
        print(f"| {row.name} | " + " | ".join(f"{100 * value:.1f}" for value in values) + " |")
    print("\n| AP by action | " + " | ".join(actions) + " |\n|---|" + "---|" * len(actions))
    for name in next(iter(actions.values())):
        values = [column[name] for column in actions.values()]
        print(f"| {name} | " + " | ".join(f"{100 * value:.1f}" for value in values) + " |")


def write_cards(cards: list[CheckpointCard], rows: list[Row]) -> None:
    """Puts the numbers into the cards, in percent."""
    for card in cards:
        claim = {
            "command": COMMAND,
            "protocol": f"scenes test, {PROTOCOL}",
            "mAP": {row.name: round(100 * row.by_bits[card.bits], 2) for row in rows[:-1]},
            "mAP_real_valued": {
                # The outputs before the bits are taken are those of the longest code.
                f"outputs of {cards[-1].bits} bits"
                if row.name == OURS
                else row.name.split(",")[0]: round(100 * row.real, 2)
                for row in rows[:-1]
            },
            "mAP_any_order": round(100 * rows[-1].real, 2),
        }
        metrics = {**card.metrics, "claim": claim}
        write_card(replace(card, metrics=metrics), BUNDLED / card.id)


def write_lengths(full: Path) -> None:
    """Writes the checkpoints of the shorter codes, with cards, beside the longest one."""
    card = read_card(full)
    for bits in sorted({int(key.split(".")[0]) for key in load_file(full / HASH_LAYERS)}):
        if bits == card.bits:
            continue
        name = card.id.replace(str(card.bits), str(bits))
        weights = write_length(full, bits, full.parent / name)
        short = replace(
            card,
            id=name,
            bits=bits,
            width=bits,
            title=card.title.replace(str(card.bits), str(bits)),
            weights=weights.name,
            sha256=checksum(weights),
            metrics={},
        )
        write_card(short, weights.parent)
        print(f"{weights.parent}: {bits} bits on the network of {full.name}")


def main(arguments: Sequence[str] | None = None) -> None:
    """Runs the benchmark."""
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--card", action="store_true", help="write the numbers into the cards")
    parser.add_argument("--galleries", action="store_true", help="write the galleries")
    parser.add_argument("--lengths", type=Path, metavar="FOLDER", help="write the shorter codes")
    options = parser.parse_args(arguments)
    if options.lengths:
        write_lengths(options.lengths)
        return
    cards = sorted(
        (card for card in bundled_checkpoints() if card.method == "triplet"),
        key=lambda card: card.bits,
    )
    encoders = {card.bits: load(BUNDLED / card.id, card) for card in cards}
    pooled, found = embed(encoders)
    rows, actions = measure(pooled, found, World.bundled())
    show(rows, actions)
    if options.card:
        write_cards(cards, rows)
    if options.galleries:
        write_galleries(cards, found)


if __name__ == "__main__":
    main()
