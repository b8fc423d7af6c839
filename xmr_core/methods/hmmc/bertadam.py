"""The optimiser of the published runs."""

import math
from collections.abc import Callable, Iterable
from typing import Any

import torch
from torch import Tensor


class BertAdam(torch.optim.Optimizer):
    """Adam without bias correction, decoupled decay, norm clip per parameter, warm-up and cosine.

    As in the public code of Shen et al., 2023, which has it from the first BERT in PyTorch. The
    cosine is measured from step 0, so the learning rate jumps a little where the warm-up ends.

    Args:
        params: Parameters or groups; groups may have their own `lr` and `weight_decay`.
        lr: Peak learning rate.
        warmup: Share of the steps with a rising learning rate.
        total_steps: Of the whole run.
        betas: Decay of the two means.
        eps: Added to the root of the second mean.
        weight_decay: Times the learning rate, taken off the weights.
        clip_norm: Largest gradient norm of a single parameter.
    """

    def __init__(
        self,
        params: Iterable[Tensor] | Iterable[dict[str, Any]],
        *,
        lr: float,
        warmup: float,
        total_steps: int,
        betas: tuple[float, float] = (0.9, 0.98),
        eps: float = 1e-6,
        weight_decay: float = 0.2,
        clip_norm: float = 1.0,
    ) -> None:
        defaults = {
            "lr": lr,
            "warmup": warmup,
            "total_steps": total_steps,
            "betas": betas,
            "eps": eps,
            "weight_decay": weight_decay,
            "clip_norm": clip_norm,
        }
        super().__init__(params, defaults)

    @torch.no_grad()
    def step(self, closure: Callable[[], Any] | None = None) -> Any:
        """One update; clips the gradients in place."""
        loss = None
        if closure is not None:
            with torch.enable_grad():
                loss = closure()
        for group in self.param_groups:
            for parameter in group["params"]:
                if parameter.grad is not None:
                    self._update(parameter, group)
        return loss

    def _update(self, parameter: Tensor, group: dict[str, Any]) -> None:
        state = self.state[parameter]
        if not state:
            state["step"] = 0
            state["mean"] = torch.zeros_like(parameter)
            state["square"] = torch.zeros_like(parameter)
        assert parameter.grad is not None
        torch.nn.utils.clip_grad_norm_([parameter], group["clip_norm"])
        fast, slow = group["betas"]
        state["mean"].lerp_(parameter.grad, 1 - fast)
        state["square"].mul_(slow).addcmul_(parameter.grad, parameter.grad, value=1 - slow)
        update = state["mean"] / (state["square"].sqrt() + group["eps"])
        update = update + group["weight_decay"] * parameter
        done = state["step"] / group["total_steps"]
        parameter.add_(update, alpha=-group["lr"] * warmup_cosine(done, group["warmup"]))
        state["step"] += 1


def warmup_cosine(done: float, warmup: float) -> float:
    """Factor of the learning rate after a share `done` of all steps."""
    return done / warmup if done < warmup else 0.5 * (1 + math.cos(math.pi * done))
