"""The README of a published checkpoint or gallery, generated from its card.

Titles, names and sentences of a card are data: they are written so that they cannot become the
README's own headings, links or metadata.
"""

import json
import re
from typing import Any

from xmr_core.gallery.card import GalleryCard
from xmr_core.hub.address import HubAddress
from xmr_core.types import CheckpointCard

_LICENCES = frozenset(
    "mit apache-2.0 bsd-2-clause bsd-3-clause cc0-1.0 cc-by-4.0 cc-by-sa-4.0 cc-by-nc-4.0"
    " cc-by-nc-sa-4.0 gpl-3.0 lgpl-3.0 mpl-2.0 unlicense openrail".split()
)
"""Names that the Hub knows; all others are "other" with a name."""


def checkpoint_readme(card: CheckpointCard, address: HubAddress) -> str:
    """README.md of a checkpoint's repository."""
    ask = 'xmr search "TEXT"' if card.languages else "xmr similar VIDEO"
    lines = [
        *_front_matter(
            card.licence,
            language=list(card.languages),
            library_name="xmr",
            pipeline_tag="feature-extraction",
            tags=["video-retrieval", "cross-modal", card.method],
        ),
        f"# {_plain(card.title)}",
        "",
        f"A checkpoint of the method `{_code(card.method)}` for cross-modal video retrieval.",
        "",
        "```bash",
        f"xmr checkpoints pull hf://{address.repo}",
        f"xmr index FOLDER --out GALLERY --checkpoint hf://{address.repo}",
        f"{ask} --gallery GALLERY --checkpoint hf://{address.repo}",
        "```",
        "",
        "Pin what you publish about it: add `@` and the 40 digits of the revision to the address.",
        "",
        "| | |",
        "|---|---|",
        f"| id | `{_code(card.id)}` |",
        f"| reads | {_plain(', '.join(card.languages) or 'no text: compares clips with clips')} |",
        f"| embedding | {_embedding(card)} |",
        f"| frames of a clip | {card.num_frames} |",
        f"| weights | `{_code(card.weights)}`, sha256 `{_code(card.sha256)}` |",
        f"| licence | {_plain(card.licence)} |",
    ]
    if card.trunk:
        lines.append(f"| takes frame features of | `{_code(card.trunk)}`, which it needs |")
    if card.notes:
        lines += ["", _plain(card.notes)]
    for title, values in (("Training", card.trained), ("Measured", card.metrics)):
        if values:
            shown = json.dumps(values, ensure_ascii=False, indent=2).replace("```", "'''")
            lines += ["", f"## {title}", "", "```json", shown, "```"]
    return "\n".join(lines) + "\n"


def gallery_readme(
    card: GalleryCard, address: HubAddress, licence: str, num_pictures: int, num_videos: int
) -> str:
    """README.md of a gallery's repository."""
    videos = f"{num_videos:,} videos" if num_videos else "no videos"
    lines = [
        *_front_matter(licence, tags=["video-retrieval", "cross-modal"], pretty_name=card.name),
        f"# {_plain(card.name)}",
        "",
        f"A searchable gallery of {card.num_items:,} clips: embeddings, {num_pictures:,} pictures,"
        f" {videos}.",
        "",
        "```bash",
        f"xmr gallery pull hf://{address.repo}",
        f'xmr search "TEXT" --gallery hf://{address.repo} --checkpoint CHECKPOINT',
        "```",
        "",
        "Pin what you publish about it: add `@` and the 40 digits of the revision to the address.",
        "",
        "| | |",
        "|---|---|",
        f"| made by the checkpoint | `{_code(card.checkpoint_id)}` |",
        f"| sha256 of its weights | `{_code(card.checkpoint_sha256 or 'not known')}` |",
        f"| width, frames of a clip | {card.width}, {card.num_frames} |",
        f"| made | {_plain(card.created)} |",
        f"| licence of pictures and captions | {_plain(licence or 'not stated')} |",
    ]
    if card.data:
        there = f"{card.data.wanted - len(card.data.missing):,} of {card.data.wanted:,} items"
        lines.append(f"| data set | {_plain(str(card.data))}, {there}, from {card.data.seen} |")
    if card.note:
        lines += ["", _plain(card.note)]
    return "\n".join(lines) + "\n"


def _front_matter(licence: str, **values: Any) -> list[str]:
    """The metadata that the Hub reads; JSON strings and lists are YAML too."""
    known = licence.lower()
    first = {"license": known if known in _LICENCES else "other" if known else "unknown"}
    if licence and known not in _LICENCES:
        first["license_name"] = re.sub(r"[^a-z0-9.-]+", "-", known).strip("-")[:60] or "other"
    given = {name: value for name, value in (first | values).items() if value}
    lines = [f"{name}: {json.dumps(value, ensure_ascii=False)}" for name, value in given.items()]
    return ["---", *lines, "---", ""]


def _embedding(card: CheckpointCard) -> str:
    if card.bits:
        return f"{card.bits} bits"
    frames = f" x (1 + {card.num_frames} frames)" if card.compares_frames else ""
    return f"{card.width} numbers{frames}"


def _plain(text: str) -> str:
    """Text in which Markdown and HTML mean nothing, on one line."""
    return re.sub(r"([\\`*_\[\]<>|#&!])", r"\\\1", " ".join(text.split()))


def _code(text: str) -> str:
    """Text between backticks."""
    return re.sub(r"[`|]|\s+", " ", text).strip()
