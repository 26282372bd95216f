"""The span model as it runs: an encoder's body, start and end logits of each token, one logit of the window.

The body and ``qa_outputs`` are the checkpoint of a transformers BertForQuestionAnswering; a further output, "this
window states the answer", lies beside it in ``heads.safetensors`` (``states.weight`` (1, hidden), ``states.bias``
(1,)). A directory without that file is a reader without the output.
"""

from __future__ import annotations

from pathlib import Path
from typing import TYPE_CHECKING

from embeddings import EncoderError
from embeddings.bert import Bert
from qa.errors import ModelError

if TYPE_CHECKING:
    import torch

CONFIG_FILE = "config.json"
HEADS_FILE = "heads.safetensors"
WEIGHTS_FILE = "model.safetensors"
TOKENIZER_FILE = "tokenizer.json"
SETTINGS_FILE = "reader.json"


class SpanNetwork:
    """The model of ``directory``, for running only. Stateless once loaded.

    ``bf16``: the matrices of the body are multiplied in bfloat16. Raises ModelError where a file is missing or is
    not a span model's.
    """

    def __init__(self, directory: Path, *, bf16: bool) -> None:
        for name in (CONFIG_FILE, WEIGHTS_FILE, TOKENIZER_FILE):
            if not (directory / name).is_file():
                raise ModelError(
                    f"阅读模型目录 {directory} 里没有 {name}；请换成完整的模型目录，或重新取得项目文件。"
                )
        try:
            self._body = Bert(directory, bf16=bf16)
        except EncoderError as error:
            raise ModelError(str(error)) from error
        span = _linear(directory / WEIGHTS_FILE, "qa_outputs", 2, self._body.hidden)
        if span is None:
            raise ModelError(f"{directory} 里的模型不是抽取式问答模型，缺少权重 qa_outputs；请换成阅读模型。")
        self._span = span
        heads = directory / HEADS_FILE
        self._states = _linear(heads, "states", 1, self._body.hidden) if heads.is_file() else None
        if self._states is None and heads.is_file():
            raise ModelError(f"{heads} 里没有权重 states；请重新取得模型文件。")

    def __call__(
        self, ids: torch.Tensor, mask: torch.Tensor
    ) -> tuple[torch.Tensor, torch.Tensor, torch.Tensor | None]:
        """Start and end logits, (n, length), and the ``states`` logit, (n,) or None, all float32.

        ``ids``: int64 (n, length); ``mask``: bool (n, length), False at padding, which stands at the end.
        """
        from torch.nn.functional import linear

        hidden = self._body(ids, mask)
        start, end = linear(hidden, *self._span).unbind(-1)
        states = None if self._states is None else linear(hidden[:, 0], *self._states).squeeze(-1)
        return start, end, states


def _linear(path: Path, name: str, rows: int, width: int) -> tuple[torch.Tensor, torch.Tensor] | None:
    """Weight (rows, width) and bias (rows,) of the layer ``name`` in a file; None where they are not in it."""
    from safetensors import SafetensorError, safe_open

    keys = (f"{name}.weight", f"{name}.bias")
    try:
        with safe_open(path, framework="pt") as stored:
            if not set(keys) <= set(stored.keys()):
                return None
            weight, bias = (stored.get_tensor(key).float() for key in keys)
    except (OSError, SafetensorError) as error:
        raise ModelError(f"{path} 无法载入（{error}）；请重新取得模型文件。") from error
    if weight.shape != (rows, width) or bias.shape != (rows,):
        raise ModelError(
            f"{path} 里 {name} 的大小是 {tuple(weight.shape)}，应是 {(rows, width)}；请重新取得模型文件。"
        )
    return weight, bias
