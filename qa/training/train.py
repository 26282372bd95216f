"""Train the span model: seeded, resumable at any moment, without pickle.

AdamW with warm-up and linear decay; embeddings (the encoder's, and most of the weights) and lowest layers frozen;
dropout 0, since its random numbers cost more than the matrix products on a CPU; bf16 autocast where the
processor has units for it. The shipped weights are an exponential moving average of the trained ones.
"""

from __future__ import annotations

import json
import random
import sys
import time
from collections.abc import Iterator, Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.cpu import cpu_has_bf16
from qa.reader.model import SpanModel
from qa.training.features import Feature, batches, tensors

if TYPE_CHECKING:
    import torch


@dataclass(frozen=True, slots=True)
class TrainingSettings:
    """What a run is made of; ``tokens`` is the size of a batch, padding included."""

    steps: int = 1800
    tokens: int = 4096
    learning_rate: float = 1e-4
    warm_up: int = 60
    weight_decay: float = 0.01
    average: float = 0.998
    states_weight: float = 0.5
    frozen_layers: int = 3
    seed: int = 1


class Trainer:
    """One run: the model, its optimiser, the moving average, and where it stands."""

    def __init__(self, model: SpanModel, settings: TrainingSettings, checkpoint: Path) -> None:
        import torch

        torch.manual_seed(settings.seed)
        self.settings = settings
        self.checkpoint = checkpoint
        self.model = model
        if model.states is None:
            model.states = torch.nn.Linear(model.network.config.hidden_size, 1)
        # The lowest layers have learnt their part from the weights the run starts with; a fifth of a step is saved.
        model.network.bert.embeddings.requires_grad_(False)
        for layer in model.network.bert.encoder.layer[: settings.frozen_layers]:
            layer.requires_grad_(False)
        # The outputs' own parameters first: bert names are prefixed, "states." cannot collide with them.
        self.parameters: dict[str, torch.nn.Parameter] = {
            **{n: p for n, p in model.network.named_parameters() if p.requires_grad},
            **{f"states.{n}": p for n, p in model.states.named_parameters()},
        }
        decayed = [p for p in self.parameters.values() if p.ndim > 1]
        others = [p for p in self.parameters.values() if p.ndim <= 1]
        self.optimiser = torch.optim.AdamW(
            [
                {"params": decayed, "weight_decay": settings.weight_decay},
                {"params": others, "weight_decay": 0.0},
            ],
            lr=settings.learning_rate,
            betas=(0.9, 0.98),
            fused=True,
        )
        self.averaged = {name: p.detach().clone() for name, p in self.parameters.items()}
        self.step = 0

    def rate(self) -> float:
        """The learning rate of this step: linear warm-up, then linear decay to 2 % of the peak."""
        s = self.settings
        if self.step < s.warm_up:
            return s.learning_rate * (self.step + 1) / s.warm_up
        left = 1 - (self.step - s.warm_up) / max(s.steps - s.warm_up, 1)
        return s.learning_rate * max(left, 0.02)

    def train_batch(self, batch: Sequence[Feature]) -> float:
        """One step; returns the loss."""
        import torch

        ids, mask, allowed = tensors(batch)
        starts = torch.tensor([f.start for f in batch])
        ends = torch.tensor([f.end for f in batch])
        weights = torch.tensor([f.weight for f in batch])
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        with torch.autocast("cpu", dtype=torch.bfloat16, enabled=cpu_has_bf16()):
            start, end, stated = self.model.forward(ids, mask)
        assert stated is not None  # the constructor gave the model its output
        cross = torch.nn.functional.cross_entropy
        shut = ~allowed
        span_loss = (
            cross(start.masked_fill(shut, -1e4), starts, reduction="none")
            + cross(end.masked_fill(shut, -1e4), ends, reduction="none")
        ) / 2
        state_loss = torch.nn.functional.binary_cross_entropy_with_logits(
            stated, (starts > 0).float(), reduction="none"
        )
        loss = ((span_loss + self.settings.states_weight * state_loss) * weights).sum() / weights.sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships this one method without annotations
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        # A short memory at first, so that the average is not held back by the initial weights.
        keep = min(self.settings.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            for name, parameter in self.parameters.items():
                self.averaged[name].lerp_(parameter, 1 - keep)
        self.step += 1
        return float(loss.detach())

    def run(
        self, examples: Iterator[list[Feature]], *, save_every: int = 100, minutes: float | None = None
    ) -> None:
        """Steps until the settings' number, or until ``minutes`` have passed; saves checkpoints on the way."""
        began, losses = time.monotonic(), []
        for position, batch in enumerate(examples):
            if position < self.step:
                continue  # a resumed run goes through the same batches in the same order
            losses.append(self.train_batch(batch))
            late = minutes is not None and time.monotonic() - began > 60 * minutes
            if self.step % 20 == 0:
                pace = (time.monotonic() - began) / len(losses)
                print(
                    f"step {self.step} loss {sum(losses[-20:]) / 20:.3f} {pace:.2f} s/step",
                    file=sys.stderr,
                    flush=True,
                )
            if self.step % save_every == 0 or self.step >= self.settings.steps or late:
                self.save()
            if self.step >= self.settings.steps or late:
                return

    def _state(self) -> dict[str, torch.Tensor]:
        state: dict[str, torch.Tensor] = {}
        for name, parameter in self.parameters.items():
            state[f"weight/{name}"] = parameter.detach()
            state[f"average/{name}"] = self.averaged[name]
            moments = self.optimiser.state.get(parameter, {})
            for key in ("exp_avg", "exp_avg_sq"):
                if key in moments:
                    state[f"{key}/{name}"] = moments[key]
        return state

    def save(self) -> None:
        """The checkpoint, written beside and renamed, so that a kill leaves the one before."""
        from safetensors.torch import save_file

        self.checkpoint.mkdir(parents=True, exist_ok=True)
        path = self.checkpoint / "checkpoint.safetensors"
        note = json.dumps({"step": self.step, "settings": asdict(self.settings)})
        save_file(self._state(), path.with_suffix(".tmp"), metadata={"training": note})
        path.with_suffix(".tmp").replace(path)

    def resume(self) -> bool:
        """Takes up the checkpoint where there is one of the same settings; says whether it did."""
        import torch
        from safetensors import safe_open

        path = self.checkpoint / "checkpoint.safetensors"
        if not path.is_file():
            return False
        with safe_open(path, framework="pt") as stored:
            note = json.loads(stored.metadata()["training"])
            if note["settings"] != asdict(self.settings):
                raise SystemExit(
                    f"检查点 {path} 的设置是 {note['settings']}，这次是 {asdict(self.settings)}；请换一个目录或删掉它。"
                )
            self.step = int(note["step"])
            with torch.no_grad():
                for name, parameter in self.parameters.items():
                    parameter.copy_(stored.get_tensor(f"weight/{name}"))
                    self.averaged[name].copy_(stored.get_tensor(f"average/{name}"))
                    self.optimiser.state[parameter] = {
                        "step": torch.tensor(float(self.step)),
                        "exp_avg": stored.get_tensor(f"exp_avg/{name}"),
                        "exp_avg_sq": stored.get_tensor(f"exp_avg_sq/{name}"),
                    }
        return True

    def export(self, directory: Path, tokenizer: Path, settings: dict[str, Any]) -> None:
        """The averaged weights in float16 as a transformers directory, the further output beside them."""
        import torch
        from safetensors.torch import save_file

        from qa.reader.model import HEADS_FILE, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS_FILE

        directory.mkdir(parents=True, exist_ok=True)
        weights = {
            name: self.averaged.get(name, tensor).detach().to(torch.float16).contiguous()
            for name, tensor in self.model.network.state_dict().items()
        }
        save_file(weights, directory / WEIGHTS_FILE, metadata={"format": "pt"})
        heads = {name: self.averaged[name].contiguous() for name in ("states.weight", "states.bias")}
        save_file(heads, directory / HEADS_FILE)
        config = self.model.network.config.to_dict()
        config.update(architectures=["BertForQuestionAnswering"], dtype="float16")
        (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        (directory / TOKENIZER_FILE).write_bytes(tokenizer.read_bytes())
        (directory / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n")


def endless(features: Sequence[Feature], settings: TrainingSettings) -> Iterator[list[Feature]]:
    """Batches for ever; each pass is shuffled anew, from the seed alone."""
    epoch = 0
    while True:
        yield from batches(features, settings.tokens, random.Random(settings.seed * 1000 + epoch))
        epoch += 1
