"""Train the span model: seeded, resumable at any moment, without pickle.

AdamW with warm-up and linear decay; embeddings (the encoder's, and most of the weights) frozen; bf16 autocast
where the processor has units for it. On a CPU leave dropout at 0 (its random numbers cost more than the matrix
products) and freeze some of the lowest layers; a GPU, where one is found, needs neither. The shipped weights are an
exponential moving average of the trained ones. With teachers, half of the loss is the distance to their averaged
probabilities (distillation: Hinton et al. 2015; of a model's own size: Furlanello et al. 2018).
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
from qa.errors import ModelError
from qa.training.features import Feature, batches, tensors
from qa.training.model import SpanModel

if TYPE_CHECKING:
    import torch


REPORT_EVERY = 20


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
    dropout: float = 0.0
    seed: int = 1


class Trainer:
    """One run: the model, its optimiser, the moving average, and where it stands."""

    def __init__(
        self,
        model: SpanModel,
        settings: TrainingSettings,
        checkpoint: Path,
        teachers: Sequence[SpanModel] = (),
    ) -> None:
        import torch

        torch.manual_seed(settings.seed)
        self.device = torch.device("cuda" if torch.cuda.is_available() else "cpu")
        self.bf16 = self.device.type == "cuda" or cpu_has_bf16()
        self.teachers = teachers
        self.settings = settings
        self.checkpoint = checkpoint
        self.model = model
        if model.states is None:
            model.states = torch.nn.Linear(model.network.config.hidden_size, 1)
        for one in (model, *teachers):
            one.to(self.device)
        for module in model.network.modules():
            if isinstance(module, torch.nn.Dropout):
                module.p = settings.dropout
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

    def train_batch(self, batch: Sequence[Feature]) -> torch.Tensor:
        """One step; returns the loss, a scalar on the device (reading it there at each step would stall a GPU)."""
        import torch

        ids, mask, allowed = (tensor.to(self.device) for tensor in tensors(batch))
        starts, ends = (
            torch.tensor(places, device=self.device)
            for places in ([f.start for f in batch], [f.end for f in batch])
        )
        weights = torch.tensor([f.weight for f in batch], device=self.device)
        for group in self.optimiser.param_groups:
            group["lr"] = self.rate()
        outputs = self._outputs(self.model, ids, mask, allowed)
        cross = torch.nn.functional.cross_entropy
        span_loss = (
            cross(outputs[0], starts, reduction="none") + cross(outputs[1], ends, reduction="none")
        ) / 2
        binary = torch.nn.functional.binary_cross_entropy_with_logits
        state_loss = binary(outputs[2], (starts > 0).float(), reduction="none")
        if self.teachers:
            with torch.no_grad():
                taught = [self._outputs(teacher, ids, mask, allowed) for teacher in self.teachers]
                start_goal, end_goal = (
                    torch.stack([one[k].softmax(-1) for one in taught]).mean(0) for k in (0, 1)
                )
                state_goal = torch.stack([one[2].sigmoid() for one in taught]).mean(0)
            near = (
                cross(outputs[0], start_goal, reduction="none")
                + cross(outputs[1], end_goal, reduction="none")
            ) / 2
            span_loss = (span_loss + near) / 2
            state_loss = (state_loss + binary(outputs[2], state_goal, reduction="none")) / 2
        loss = ((span_loss + self.settings.states_weight * state_loss) * weights).sum() / weights.sum()
        loss.backward()  # type: ignore[no-untyped-call]  # torch ships this one method without annotations
        torch.nn.utils.clip_grad_norm_(self.parameters.values(), 1.0)
        self.optimiser.step()
        self.optimiser.zero_grad()
        # A short memory at first, so that the average is not held back by the initial weights.
        keep = min(self.settings.average, (1 + self.step) / (10 + self.step))
        with torch.no_grad():
            # In one call, as torch.optim.swa_utils does: two hundred small ones would cost a GPU more than the step.
            torch._foreach_lerp_(list(self.averaged.values()), list(self.parameters.values()), 1 - keep)
        self.step += 1
        return loss.detach()

    def _outputs(
        self, model: SpanModel, ids: torch.Tensor, mask: torch.Tensor, allowed: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor]:
        """Start and end logits, (n, length), positions no span may take ruled out; the ``states`` logit, (n,)."""
        import torch

        with torch.autocast(self.device.type, dtype=torch.bfloat16, enabled=self.bf16):
            start, end, stated = model.forward(ids, mask)
        assert stated is not None  # the constructor gave the model its output; a teacher was trained here
        return start.masked_fill(~allowed, -1e4), end.masked_fill(~allowed, -1e4), stated

    def run(
        self, examples: Iterator[list[Feature]], *, save_every: int = 100, minutes: float | None = None
    ) -> None:
        """Steps until the settings' number, or until ``minutes`` have passed; saves checkpoints on the way."""
        began = time.monotonic()
        losses: list[torch.Tensor] = []
        self.model.train(True)
        for position, batch in enumerate(examples):
            if self.step >= self.settings.steps:
                break  # a finished run that is started again
            if position < self.step:
                continue  # a resumed run goes through the same batches in the same order
            losses.append(self.train_batch(batch))
            late = minutes is not None and time.monotonic() - began > 60 * minutes
            if self.step % REPORT_EVERY == 0:
                recent = [float(loss) for loss in losses[-REPORT_EVERY:]]
                pace = (time.monotonic() - began) / len(losses)
                print(
                    f"step {self.step} loss {sum(recent) / len(recent):.3f} {pace:.3f} s/step",
                    file=sys.stderr,
                    flush=True,
                )
            if self.step % save_every == 0 or self.step >= self.settings.steps or late:
                self.save()
            if self.step >= self.settings.steps or late:
                break
        self.model.train(False)

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
                raise ModelError(
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

    def use_average(self) -> None:
        """Puts the averaged weights in the place of the trained ones."""
        import torch

        with torch.no_grad():
            for name, parameter in self.parameters.items():
                parameter.copy_(self.averaged[name])

    def export(self, directory: Path, tokenizer: Path, settings: dict[str, Any]) -> None:
        """The averaged weights in float16 as a transformers directory, the further output beside them."""
        import torch
        from safetensors.torch import save_file

        from qa.reader.model import HEADS_FILE, SETTINGS_FILE, TOKENIZER_FILE, WEIGHTS_FILE

        directory.mkdir(parents=True, exist_ok=True)
        weights = {
            name: self.averaged.get(name, tensor).detach().to("cpu", torch.float16).contiguous()
            for name, tensor in self.model.network.state_dict().items()
        }
        save_file(weights, directory / WEIGHTS_FILE, metadata={"format": "pt"})
        heads = {name: self.averaged[name].cpu().contiguous() for name in ("states.weight", "states.bias")}
        save_file(heads, directory / HEADS_FILE)
        config = self.model.network.config.to_dict()
        config.update(
            architectures=["BertForQuestionAnswering"],
            dtype="float16",
            hidden_dropout_prob=0.0,
            attention_probs_dropout_prob=0.0,
        )
        (directory / "config.json").write_text(json.dumps(config, indent=2, sort_keys=True) + "\n")
        (directory / TOKENIZER_FILE).write_bytes(tokenizer.read_bytes())
        (directory / SETTINGS_FILE).write_text(json.dumps(settings, indent=2) + "\n")


def endless(features: Sequence[Feature], settings: TrainingSettings) -> Iterator[list[Feature]]:
    """Batches for ever; each pass is shuffled anew, from the seed alone."""
    epoch = 0
    while True:
        yield from batches(features, settings.tokens, random.Random(settings.seed * 1000 + epoch))
        epoch += 1
