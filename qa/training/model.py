"""The span model in training: a transformers BertForQuestionAnswering, and the ``states`` output beside it.

To run a trained one, qa.reader.model is enough; the shipped files are the same for both.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING, Any

from qa.errors import ModelError
from qa.reader.model import HEADS_FILE, TOKENIZER_FILE, WEIGHTS_FILE

if TYPE_CHECKING:
    import torch


class SpanModel:
    """``bert`` and ``qa_outputs`` of transformers, and the ``states`` output (None where there is none)."""

    def __init__(self, network: Any, states: Any | None) -> None:
        self.network = network
        self.states = states

    @classmethod
    def load(cls, directory: Path, *, attention: str = "sdpa") -> SpanModel:
        """The model of ``directory`` in float32 (transformers 5 would otherwise keep the stored float16).

        Raises ModelError where a file is missing or is not a span model's.
        """
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file
        from transformers import AutoModelForQuestionAnswering
        from transformers.utils import logging

        logging.disable_progress_bar()  # a bar for a tenth of a second of loading
        for name in ("config.json", WEIGHTS_FILE, TOKENIZER_FILE):
            if not (directory / name).is_file():
                raise ModelError(
                    f"阅读模型目录 {directory} 里没有 {name}；请换成完整的模型目录，或重新取得项目文件。"
                )
        try:
            network, report = AutoModelForQuestionAnswering.from_pretrained(
                directory,
                dtype=torch.float32,
                attn_implementation=attention,
                local_files_only=True,
                output_loading_info=True,
            )
            heads = load_file(directory / HEADS_FILE) if (directory / HEADS_FILE).is_file() else None
        except (OSError, ValueError, KeyError, RuntimeError, SafetensorError) as error:
            raise ModelError(f"阅读模型目录 {directory} 无法载入（{error}）；请重新取得模型文件。") from error
        if report["missing_keys"]:
            raise ModelError(
                f"{directory} 里的模型不是抽取式问答模型，缺少权重：{sorted(report['missing_keys'])[:3]}；请换成阅读模型。"
            )
        network.eval()
        states = None
        if heads is not None:
            states = torch.nn.Linear(network.config.hidden_size, 1)
            try:
                states.load_state_dict(
                    {"weight": heads["states.weight"].float(), "bias": heads["states.bias"].float()}
                )
            except (KeyError, RuntimeError) as error:
                raise ModelError(
                    f"{directory / HEADS_FILE} 与模型不配（{error}）；请重新取得模型文件。"
                ) from error
        return cls(network, states)

    def to(self, device: torch.device) -> None:
        """Moves the weights to ``device``."""
        self.network.to(device)
        if self.states is not None:
            self.states.to(device)

    def train(self, training: bool) -> None:
        """Dropout on or off."""
        self.network.train(training)

    def forward(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Start logits and end logits, (n, length) float32, and the ``states`` logit, (n,) float32 or None."""
        hidden = self.network.bert(input_ids=ids, attention_mask=mask).last_hidden_state
        start, end = self.network.qa_outputs(hidden).float().unbind(-1)
        stated = None if self.states is None else self.states(hidden[:, 0]).float().squeeze(-1)
        return start, end, stated
