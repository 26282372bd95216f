"""Encoders: texts to unit vectors, with any sentence-transformers model and a fast path for the usual kind.

The usual kind is a BERT-like transformer with mean pooling and normalisation (E5, GTE, MiniLM ...). It is run
by embeddings.bert: the sentence-transformers library takes seconds to import, and pads and converts more than
needed. Any other model is run by the library itself.
"""

from __future__ import annotations

import hashlib
import json
import os
import threading
from collections.abc import Callable, Sequence
from pathlib import Path
from typing import TYPE_CHECKING, Any, Protocol

import numpy as np
import numpy.typing as npt

from embeddings.bert import CONFIG_FILE, WEIGHTS_FILE, Bert, can_run
from embeddings.cpu import cpu_has_bf16
from embeddings.errors import EncoderError

if TYPE_CHECKING:
    import torch

Vectors = npt.NDArray[np.float32]
Progress = Callable[[int, int], None]

SHIPPED = Path(__file__).resolve().parent / "models" / "encoder"
BATCH_TOKENS = 4096
TOKENIZER_FILE = "tokenizer.json"


class Encoder(Protocol):
    """Turns texts into unit vectors; questions and passages may be marked differently.

    ``fingerprint`` changes with anything that changes a vector: weights, tokenizer, prefixes, pooling, width.
    """

    name: str
    dim: int
    fingerprint: str

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """Unit vectors of questions, float32 (n, dim)."""
        ...

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """Unit vectors of passages, float32 (n, dim); ``progress(done, total)`` after each batch."""
        ...


def load_encoder(
    name_or_path: str | Path | None = None,
    *,
    query_prefix: str | None = None,
    passage_prefix: str | None = None,
) -> Encoder:
    """The encoder of a sentence-transformers directory or cached model name; the shipped one by default.

    Prefixes default to the prompts ``query`` and ``passage`` that the model names. Nothing is fetched: a name
    must be in the local cache. Raises EncoderError.
    """
    os.environ.setdefault("HF_HUB_OFFLINE", "1")
    path = Path(name_or_path) if name_or_path is not None else SHIPPED
    if path.is_dir() and _is_mean_pooled(path):
        return TransformerEncoder(path, query_prefix, passage_prefix)
    return LibraryEncoder(str(path), query_prefix, passage_prefix)


def _json(path: Path) -> Any:
    try:
        return json.loads(path.read_text(encoding="utf-8"))
    except (OSError, ValueError) as error:
        raise EncoderError(
            f"编码模型的 {path} 读不了（{error}）；请换成完整的 sentence-transformers 模型目录。"
        ) from error


def _optional_json(path: Path) -> dict[str, Any]:
    """The settings of a file that a model need not have."""
    found = _json(path) if path.is_file() else None
    return found if isinstance(found, dict) else {}


def _is_mean_pooled(path: Path) -> bool:
    """Whether the modules are exactly a BERT-like transformer, mean pooling, normalisation."""
    if not all(
        (path / name).is_file() for name in ("modules.json", CONFIG_FILE, WEIGHTS_FILE, TOKENIZER_FILE)
    ):
        return False
    modules = _json(path / "modules.json")
    try:
        kinds = [str(module["type"]).rpartition(".")[2] for module in modules]
        if kinds != ["Transformer", "Pooling", "Normalize"] or modules[0]["path"]:
            return False
        pooling = dict(_json(path / modules[1]["path"] / "config.json"))
    except (KeyError, TypeError, ValueError):
        return False  # whatever it is, the library knows
    modes = {
        key for key, value in pooling.items() if key.startswith("pooling_mode") and value not in (False, None)
    }
    mean = modes == {"pooling_mode_mean_tokens"} or pooling.get("pooling_mode") == "mean"
    lowered = _optional_json(path / "sentence_bert_config.json").get("do_lower_case")
    return (
        mean
        and not lowered
        and pooling.get("include_prompt", True) is True
        and can_run(_json(path / CONFIG_FILE))
    )


def _prompts(path: Path) -> dict[str, str]:
    prompts = _optional_json(path / "config_sentence_transformers.json").get("prompts")
    return dict(prompts or {})


def _hash(paths: Sequence[Path], *words: str) -> str:
    digest = hashlib.sha256()
    for word in words:
        digest.update(word.encode() + b"\0")
    for path in sorted(paths):
        digest.update(path.name.encode() + b"\0")
        with path.open("rb") as file:
            digest.update(hashlib.file_digest(file, "sha256").digest())
    return digest.hexdigest()


class TransformerEncoder:
    """A transformer with mean pooling and unit length; safe to share between threads."""

    def __init__(
        self, path: Path, query_prefix: str | None = None, passage_prefix: str | None = None
    ) -> None:
        from tokenizers import Tokenizer

        try:
            self._tokenizer: Any = Tokenizer.from_file(str(path / TOKENIZER_FILE))
        except Exception as error:  # the library raises Exception itself
            raise EncoderError(
                f"编码模型目录 {path} 的 {TOKENIZER_FILE} 无法载入（{error}）；请重新取得模型文件。"
            ) from error
        # Emulated bf16 is many times slower than float32; see embeddings.cpu.
        self._model = Bert(path, bf16=cpu_has_bf16())
        prompts = _prompts(path)
        self.query_prefix = prompts.get("query", "") if query_prefix is None else query_prefix
        self.passage_prefix = prompts.get("passage", "") if passage_prefix is None else passage_prefix
        longest = _optional_json(path / "sentence_bert_config.json").get("max_seq_length")
        self.max_tokens = min(int(longest or self._model.max_tokens), self._model.max_tokens)
        self._tokenizer.enable_truncation(self.max_tokens)
        self._tokenizer.no_padding()
        self._lock = threading.Lock()  # tokenizers are not shared between threads ("Already borrowed")
        self.name = path.name if path != SHIPPED else "multilingual-e5-small"
        self.dim = self._model.hidden
        self.fingerprint = _hash(
            [path / name for name in (CONFIG_FILE, WEIGHTS_FILE, TOKENIZER_FILE)],
            self.query_prefix,
            self.passage_prefix,
            "mean",
            str(self.max_tokens),
        )

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self._encode([self.query_prefix + text for text in texts], None)

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See Encoder."""
        return self._encode([self.passage_prefix + text for text in texts], progress)

    def _encode(self, texts: Sequence[str], progress: Progress | None) -> Vectors:
        import torch

        out = np.empty((len(texts), self.dim), dtype=np.float32)
        with self._lock:
            ids = [encoding.ids for encoding in self._tokenizer.encode_batch(list(texts))]
        order = sorted(range(len(ids)), key=lambda n: len(ids[n]))
        done = 0
        for batch in _batches(order, ids):
            length = max(len(ids[n]) for n in batch)
            rows = torch.full((len(batch), length), self._model.pad)
            for k, n in enumerate(batch):
                rows[k, : len(ids[n])] = torch.tensor(ids[n])
            out[batch] = self._forward(rows, torch.tensor([len(ids[n]) for n in batch])).numpy()
            done += len(batch)
            if progress is not None:
                progress(done, len(texts))
        return out

    def _forward(self, ids: torch.Tensor, lengths: torch.Tensor) -> torch.Tensor:
        """Unit vectors, float32 (n, dim), of padded token ids, int64 (n, length)."""
        import torch

        mask = torch.arange(ids.shape[1]).unsqueeze(0) < lengths.unsqueeze(1)
        # A batch without padding needs no mask, and attention without one takes the faster kernel.
        hidden = self._model(ids, None if bool(mask.all()) else mask)
        with torch.inference_mode():
            mean = (hidden * mask.unsqueeze(-1)).sum(1) / lengths.unsqueeze(1)
            return torch.nn.functional.normalize(mean, dim=-1)


def _batches(order: Sequence[int], ids: Sequence[Sequence[int]]) -> list[list[int]]:
    """Runs of ``order`` (sorted by length) of at most BATCH_TOKENS tokens with their padding."""
    out: list[list[int]] = []
    for n in order:
        if out and len(ids[n]) * (len(out[-1]) + 1) <= BATCH_TOKENS:
            out[-1].append(n)
        else:
            out.append([n])
    return out


class LibraryEncoder:
    """Any sentence-transformers model, run by the library."""

    def __init__(self, name: str, query_prefix: str | None = None, passage_prefix: str | None = None) -> None:
        try:
            from sentence_transformers import SentenceTransformer

            self._model: Any = SentenceTransformer(name, device="cpu", local_files_only=True).float()
        except Exception as error:  # the library raises whatever a model's files make it stumble over
            reason = " ".join(str(error).split())[:160]
            raise EncoderError(
                f"载入不了编码模型“{name}”（{reason}）；"
                "请给出本机上的 sentence-transformers 模型目录，程序不会联网下载。"
            ) from error
        prompts = dict(self._model.prompts or {})
        self.query_prefix = prompts.get("query", "") if query_prefix is None else query_prefix
        self.passage_prefix = prompts.get("passage", "") if passage_prefix is None else passage_prefix
        self._lock = threading.Lock()
        self.name = Path(name).name
        self.dim = int(self._model.get_embedding_dimension())
        digest = hashlib.sha256(f"{name}\0{self.query_prefix}\0{self.passage_prefix}\0{self._model}".encode())
        for key, value in sorted(self._model.state_dict().items()):
            digest.update(key.encode() + value.numpy().tobytes())
        self.fingerprint = digest.hexdigest()

    def encode_queries(self, texts: Sequence[str]) -> Vectors:
        """See Encoder."""
        return self._encode([self.query_prefix + text for text in texts])

    def encode_passages(self, texts: Sequence[str], *, progress: Progress | None = None) -> Vectors:
        """See Encoder."""
        parts: list[Vectors] = []
        step = 128
        for start in range(0, len(texts), step):
            parts.append(self._encode([self.passage_prefix + text for text in texts[start : start + step]]))
            if progress is not None:
                progress(min(start + step, len(texts)), len(texts))
        return np.concatenate(parts) if parts else np.empty((0, self.dim), np.float32)

    def _encode(self, texts: Sequence[str]) -> Vectors:
        with self._lock:
            vectors = self._model.encode(
                list(texts),
                prompt="",
                normalize_embeddings=True,
                show_progress_bar=False,
                convert_to_numpy=True,
            )
        return np.asarray(vectors, dtype=np.float32).reshape(len(texts), self.dim)
