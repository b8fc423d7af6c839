"""The language adversary: tells source from target sentences by the states of the text tower.

It has an optimiser of its own and takes a step of its own before every step of the encoders, whose
loss then contains how badly the updated adversary is fooled.
"""

from typing import Any, Literal

import torch
import torch.nn.functional as F
from jaxtyping import Bool, Float
from torch import Tensor, nn

from xmr_core.methods.nrccr.loss import language_loss

Discriminator = Literal["weak", "not-so-weak", "strong"]

_CHANNELS = 128  # of the convolutions of the strong discriminator


class Adversary(nn.Module):
    """A discriminator with its optimiser.

    Its weights need no gradient but inside `update`, so that the encoders' optimiser and gradient
    clipping do not see them; the optimiser's state is saved with the weights.

    Args:
        width: Of the text tower's states.
        kind: "weak" is linear; "not-so-weak" a small perceptron; "strong" is convolutional.
        lr: Of its Adam.
    """

    def __init__(self, width: int, kind: Discriminator = "strong", lr: float = 1e-3) -> None:
        super().__init__()
        self.discriminator = _build(kind, width)
        self._optimiser = torch.optim.Adam(self.discriminator.parameters(), lr=lr)
        self.requires_grad_(False)

    def forward(
        self, states: Float[Tensor, "batch length width"], mask: Bool[Tensor, "batch length"]
    ) -> Float[Tensor, "batch 2"]:
        """Logits of "this is the source language", twice."""
        return self.discriminator(states, mask)

    def update(
        self,
        source: Float[Tensor, "batch source_length width"],
        source_mask: Bool[Tensor, "batch source_length"],
        target: Float[Tensor, "batch target_length width"],
        target_mask: Bool[Tensor, "batch target_length"],
    ) -> tuple[float, float]:
        """One step towards telling the languages apart; the states get no gradient.

        Returns:
            The two losses before the step: on source and on target sentences.
        """
        self.requires_grad_(True)
        self._optimiser.zero_grad(set_to_none=True)
        on_source = language_loss(self(source.detach(), source_mask), source=True)
        on_target = language_loss(self(target.detach(), target_mask), source=False)
        (0.5 * (on_source + on_target)).backward()
        self._optimiser.step()
        self._optimiser.zero_grad(set_to_none=True)
        self.requires_grad_(False)
        return float(on_source.detach()), float(on_target.detach())

    def get_extra_state(self) -> dict[str, Any]:
        """The optimiser's state: without it a resumed run would differ."""
        return self._optimiser.state_dict()

    def set_extra_state(self, state: dict[str, Any]) -> None:
        """Restores what `get_extra_state` gave."""
        self._optimiser.load_state_dict(state)


class _MeanDiscriminator(nn.Module):
    """A network on the mean state of a sentence."""

    def __init__(self, model: nn.Module) -> None:
        super().__init__()
        self.model = model

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        return self.model(masked_mean(states, mask))


class _ResidualBlock(nn.Module):
    """Two convolutions over five tokens each, added at a third of their size."""

    def __init__(self) -> None:
        super().__init__()
        self.conv1 = nn.Conv1d(_CHANNELS, _CHANNELS, 5, padding=2)
        self.conv2 = nn.Conv1d(_CHANNELS, _CHANNELS, 5, padding=2)

    def forward(self, x: Tensor, weights: Tensor) -> Tensor:
        x = F.relu(x)
        hidden = F.relu(self.conv1(x * weights))
        return x + 0.3 * self.conv2(hidden * weights)


class _StrongDiscriminator(nn.Module):
    """Convolutions, then the mean, then linear; padding acts as the edge of the sentence."""

    def __init__(self, width: int) -> None:
        super().__init__()
        self.convolve = nn.ModuleList(
            [nn.Conv1d(width, _CHANNELS, 1), *(_ResidualBlock() for _ in range(3))]
        )
        self.model = nn.Linear(_CHANNELS, 2)

    def forward(self, states: Tensor, mask: Tensor) -> Tensor:
        weights = mask.unsqueeze(1).to(states.dtype)  # (b, 1, l)
        first, *blocks = self.convolve
        x = first(states.transpose(1, 2))
        for block in blocks:
            x = block(x, weights)
        return self.model(masked_mean(x.transpose(1, 2), mask))


def masked_mean(
    x: Float[Tensor, "batch length d"], mask: Bool[Tensor, "batch length"]
) -> Float[Tensor, "batch d"]:
    """Mean over the unmasked places; zero where there are none."""
    weights = mask.unsqueeze(-1).to(x.dtype)
    return (x * weights).sum(1) / weights.sum(1).clamp(min=1)


def _build(kind: Discriminator, width: int) -> nn.Module:
    if kind == "strong":
        return _StrongDiscriminator(width)
    if kind == "weak":
        return _MeanDiscriminator(nn.Linear(width, 2))
    return _MeanDiscriminator(
        nn.Sequential(
            nn.Linear(width, 256), nn.Tanh(), nn.Linear(256, 128), nn.Tanh(), nn.Linear(128, 2)
        )
    )
