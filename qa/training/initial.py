"""The weights that a training run starts from."""

from __future__ import annotations

from pathlib import Path

from qa.errors import ModelError
from qa.reader.model import WEIGHTS_FILE
from qa.training.model import SpanModel


def initial_model(directory: Path, encoder: Path) -> SpanModel:
    """The span model of ``directory``; a checkpoint without word embeddings takes those of ``encoder``.

    A directory with a ``config.json`` is loaded as it is, that of the encoder with fresh outputs. One with weights
    alone (such a checkpoint leaves out what was frozen) must have the shape of the encoder. Anything missing raises
    ModelError.
    """
    import torch

    # Attention written out ("eager") trains faster on a CPU than the fused form, whose backward pass is slow there.
    attention = "sdpa" if torch.cuda.is_available() else "eager"
    if directory == encoder:
        return _fresh(encoder, attention)
    if (directory / "config.json").is_file():
        return SpanModel.load(directory, attention=attention)
    from safetensors.torch import load_file
    from transformers import AutoConfig, BertForQuestionAnswering

    if not (directory / WEIGHTS_FILE).is_file():
        raise ModelError(f"{directory} 里没有 {WEIGHTS_FILE}；请用 --init 指出一个阅读模型目录。")
    config = AutoConfig.from_pretrained(encoder, local_files_only=True)
    config.update({"attention_probs_dropout_prob": 0.0, "hidden_dropout_prob": 0.0, "num_labels": 2})
    config._attn_implementation = attention
    network = BertForQuestionAnswering(config).to(torch.float32)
    words = "bert.embeddings.word_embeddings.weight"
    weights = load_file(directory / WEIGHTS_FILE)
    if words not in weights:
        stored = load_file(encoder / WEIGHTS_FILE)
        name = next((key for key in stored if key.endswith("embeddings.word_embeddings.weight")), None)
        if name is None:
            raise ModelError(f"{encoder / WEIGHTS_FILE} 里没有词向量；请用 --encoder 指出编码模型目录。")
        weights[words] = stored[name]
    missing, unexpected = network.load_state_dict({k: v.float() for k, v in weights.items()}, strict=False)
    if missing or unexpected:
        raise ModelError(
            f"{directory} 的权重与编码模型的形状不配：缺少 {missing[:3]}，多出 {unexpected[:3]}。"
        )
    network.eval()
    return SpanModel(network, None)


def _fresh(encoder: Path, attention: str) -> SpanModel:
    """The body of ``encoder``, and outputs that know nothing yet."""
    import torch
    from transformers import BertForQuestionAnswering
    from transformers.utils import logging

    logging.set_verbosity_error()  # it would warn of the fresh outputs, which are meant
    network = BertForQuestionAnswering.from_pretrained(
        encoder, dtype=torch.float32, attn_implementation=attention, local_files_only=True
    )
    network.eval()
    return SpanModel(network, None)
