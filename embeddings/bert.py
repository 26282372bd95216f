"""The body of BERT and XLM-RoBERTa models, for running them only.

The transformers library takes two seconds to import; reading the same weights and multiplying the same
matrices takes a tenth of that. The equations are those of Devlin et al. (2019): post-norm layers, learned
positions, gelu.
"""

from __future__ import annotations

import json
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from embeddings.errors import EncoderError

if TYPE_CHECKING:
    import torch

CONFIG_FILE, WEIGHTS_FILE = "config.json", "model.safetensors"
# Where these count their positions from; RoBERTa's stand behind the padding's.
_KINDS = {"bert": False, "roberta": True, "xlm-roberta": True, "camembert": True}


def can_run(config: Any) -> bool:
    """Whether a model of this ``config.json`` is one that ``Bert`` computes."""
    return (
        isinstance(config, dict)
        and config.get("model_type") in _KINDS
        and config.get("hidden_act") == "gelu"
        and config.get("position_embedding_type") in (None, "absolute")
        and not config.get("is_decoder")
    )


@dataclass(frozen=True, slots=True)
class _Layer:
    """Weights and biases of one layer; the matrices for query, key and value are one."""

    attention: tuple[torch.Tensor, torch.Tensor]
    output: tuple[torch.Tensor, torch.Tensor]
    attention_norm: tuple[torch.Tensor, torch.Tensor]
    wide: tuple[torch.Tensor, torch.Tensor]
    narrow: tuple[torch.Tensor, torch.Tensor]
    norm: tuple[torch.Tensor, torch.Tensor]


class Bert:
    """Token ids -> hidden states. Stateless once loaded, so it may be shared between threads.

    ``bf16``: matrices are multiplied in bfloat16; sums, norms and the result are float32 either way.
    """

    def __init__(self, path: Path, *, bf16: bool = False) -> None:
        import torch
        from safetensors import SafetensorError
        from safetensors.torch import load_file

        try:
            config = json.loads((path / CONFIG_FILE).read_text(encoding="utf-8"))
            stored = load_file(path / WEIGHTS_FILE)
        except (OSError, ValueError, SafetensorError) as error:
            raise EncoderError(f"模型目录 {path} 无法载入（{error}）；请重新取得模型文件。") from error
        if not can_run(config):
            raise EncoderError(
                f"{path} 里是 {config.get('model_type')} 模型，应是 BERT 一类的模型；请换一个模型目录。"
            )
        weights = {key.removeprefix("bert.").removeprefix("roberta."): t for key, t in stored.items()}
        self._type = torch.bfloat16 if bf16 else torch.float32

        def pair(name: str, *more: str) -> tuple[torch.Tensor, torch.Tensor]:
            names = (name, *more)
            kind = torch.float32 if "LayerNorm" in name else self._type
            matrix = torch.cat([weights[f"{n}.weight"].to(kind) for n in names])
            return matrix, torch.cat([weights[f"{n}.bias"].to(kind) for n in names])

        try:
            self.hidden = int(config["hidden_size"])
            self.heads = int(config["num_attention_heads"])
            self.pad = int(config.get("pad_token_id") or 0)
            self._eps = float(config.get("layer_norm_eps", 1e-12))
            self._first = self.pad + 1 if _KINDS[config["model_type"]] else 0
            # Half of the file; kept in the type it is stored in, since only the rows of a text are ever used.
            self._words = weights["embeddings.word_embeddings.weight"].clone()
            places = weights["embeddings.position_embeddings.weight"].float()
            # The token type is always the first, so its vector is added to the positions once.
            self._places = (
                places[self._first :] + weights["embeddings.token_type_embeddings.weight"][0].float()
            )
            self._norm = pair("embeddings.LayerNorm")
            self._layers = [
                _Layer(
                    pair(*(f"encoder.layer.{n}.attention.self.{part}" for part in ("query", "key", "value"))),
                    pair(f"encoder.layer.{n}.attention.output.dense"),
                    pair(f"encoder.layer.{n}.attention.output.LayerNorm"),
                    pair(f"encoder.layer.{n}.intermediate.dense"),
                    pair(f"encoder.layer.{n}.output.dense"),
                    pair(f"encoder.layer.{n}.output.LayerNorm"),
                )
                for n in range(int(config["num_hidden_layers"]))
            ]
        except (KeyError, TypeError, ValueError, RuntimeError) as error:
            raise EncoderError(
                f"模型目录 {path} 的权重与 {CONFIG_FILE} 不配（{error!r}）；请重新取得模型文件。"
            ) from error
        self.max_tokens = len(self._places)

    def __call__(self, ids: torch.Tensor, mask: torch.Tensor | None = None) -> torch.Tensor:
        """Hidden states, float32 (n, length, hidden), of ids, int64 (n, length).

        ``mask``: bool (n, length), False at padding, which stands at the end; None where there is none.
        """
        import torch
        from torch.nn.functional import gelu, layer_norm, linear, scaled_dot_product_attention

        count, length = ids.shape
        width = (self.hidden,)
        with torch.inference_mode():
            keys = None if mask is None else mask[:, None, None, :]
            x = layer_norm(self._words[ids].float() + self._places[:length], width, *self._norm, self._eps)
            for layer in self._layers:
                mixed = linear(x.to(self._type), *layer.attention)
                query, key, value = (
                    mixed.view(count, length, 3 * self.heads, -1).transpose(1, 2).chunk(3, dim=1)
                )
                seen = scaled_dot_product_attention(query, key, value, attn_mask=keys)
                seen = seen.transpose(1, 2).reshape(count, length, self.hidden)
                x = layer_norm(x + linear(seen, *layer.output), width, *layer.attention_norm, self._eps)
                wide = gelu(linear(x.to(self._type), *layer.wide))
                x = layer_norm(x + linear(wide, *layer.narrow), width, *layer.norm, self._eps)
            return x
