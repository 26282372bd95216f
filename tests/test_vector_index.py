"""Nearest rows: exact, bounded, saved with its sum, and clear about a wrong width."""

import hashlib

import numpy as np
import pytest

from embeddings import EncoderError, VectorIndex
from embeddings import vector_index as module


def unit(count, dim=16, seed=0):
    vectors = np.random.default_rng(seed).normal(size=(count, dim)).astype(np.float32)
    return vectors / np.linalg.norm(vectors, axis=1, keepdims=True)


@pytest.fixture(params=["flat", "graph"])
def index(request, monkeypatch):
    if request.param == "graph":
        monkeypatch.setattr(module, "EXACT_UP_TO", 10)
    return VectorIndex.build(unit(60))


def test_rows_are_those_of_the_largest_products(index):
    queries = unit(5, seed=1)
    rows, scores = index.search(queries, 7)
    for query, found, values in zip(queries, rows, scores, strict=True):
        products = unit(60) @ query
        assert list(found) == list(np.argsort(-products)[:7])
        assert np.allclose(values, products[found], atol=1e-5)
    assert rows[0].dtype == np.int64
    assert scores[0].dtype == np.float32


def test_only_allowed_rows(index):
    (rows,), (scores,) = index.search(unit(1, seed=2), 10, allowed=np.array([3, 50, 7]))
    assert sorted(rows) == [3, 7, 50]
    assert len(scores) == 3
    (rows,), (scores,) = index.search(unit(1), 10, allowed=np.array([], np.int64))
    assert (len(rows), len(scores)) == (0, 0)


def test_no_padding_where_there_are_not_enough(index):
    (rows,), _ = index.search(unit(1), 1000)
    assert sorted(rows) == list(range(60))
    empty = VectorIndex.build(unit(0))
    (rows,), (scores,) = empty.search(unit(1), 5)
    assert (len(empty), len(rows), len(scores)) == (0, 0, 0)


@pytest.mark.parametrize("queries", [unit(1, dim=8), unit(1)[0]])
def test_a_wrong_width_is_named(index, queries):
    with pytest.raises(EncoderError, match="16"):
        index.search(queries, 3)


def test_only_float32_rows_are_taken():
    with pytest.raises(ValueError, match="float64"):
        VectorIndex.build(unit(3).astype(np.float64))
    with pytest.raises(ValueError, match="shape"):
        VectorIndex.build(unit(3)[0])


def test_saved_and_loaded_again(index, tmp_path):
    path = tmp_path / "向量.faiss"
    total = index.save(path)
    assert total == hashlib.sha256(path.read_bytes()).hexdigest()
    again = VectorIndex.load(path, total)
    assert (len(again), again.dim) == (60, 16)
    assert np.array_equal(again.vectors([5, 0, 59]), unit(60)[[5, 0, 59]])
    assert list(again.search(unit(1), 3)[0][0]) == list(index.search(unit(1), 3)[0][0])


def test_damage_is_told_and_nothing_is_loaded(index, tmp_path):
    path = tmp_path / "v.faiss"
    total = index.save(path)
    whole = path.read_bytes()
    for at in range(0, len(whole), 97):
        path.write_bytes(whole[:at] + bytes([whole[at] ^ 1]) + whole[at + 1 :])
        with pytest.raises(EncoderError, match="校验和"):
            VectorIndex.load(path, total)
    path.write_bytes(b"no index at all")
    with pytest.raises(EncoderError, match="不是向量索引"):
        VectorIndex.load(path, None)
    with pytest.raises(EncoderError, match="读不了"):
        VectorIndex.load(tmp_path / "gone", None)
