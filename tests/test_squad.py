"""``wenbao evaluate --squad``: closed reading and the whole pipeline, on a small file written for this."""

import json
from pathlib import Path
from typing import Any

import pytest

from qa.cli import main
from qa.errors import SourceError
from qa.evaluation import evaluate_squad, load_questions, open_replies, table
from qa.squad import squad_items

BRIDGE = (
    "青河大桥全长1280米，2016年9月动工，去年年底建成通车。大桥由市路桥公司承建，总投资3.6亿元。"
    "通车后，河东到河西的车程由四十分钟缩短到八分钟。"
)
LIBRARY = (
    "县图书馆新馆昨天开放，馆藏图书42万册。馆长周明兰介绍，新馆每周二闭馆，其余日子从上午九点开到晚上八点。"
    "读者凭身份证就能办理借书证，不收押金。"
)
QUESTIONS = [
    (BRIDGE, "q1", "青河大桥全长多少米？", ["1280米"]),
    (BRIDGE, "q2", "青河大桥的总投资是多少？", ["3.6亿元"]),
    (LIBRARY, "q3", "县图书馆新馆的馆长是谁？", ["周明兰"]),
]


def squad(*more: tuple[str, str, str, list[str]]) -> dict[str, Any]:
    def qas(context: str) -> list[dict[str, Any]]:
        return [
            {
                "id": id,
                "question": question,
                "answers": [{"text": a, "answer_start": context.find(a)} for a in answers],
            }
            for where, id, question, answers in (*QUESTIONS, *more)
            if where == context
        ]

    contexts = list(dict.fromkeys(where for where, *_ in (*QUESTIONS, *more)))
    return {"version": "t", "data": [{"paragraphs": [{"context": c, "qas": qas(c)}]} for c in contexts]}


def test_closed_counts_the_questions_with_answers() -> None:
    data = squad((LIBRARY, "q4", "图书馆的楼是哪年盖的？", []))
    figures = evaluate_squad(data, Path("t.json"))
    assert set(figures) == {"closed"}
    assert figures["closed"]["questions"] == 3
    assert 0 <= figures["closed"]["em"] <= figures["closed"]["f1"] <= 1
    assert figures["closed"]["f1"] >= 0.6


def test_open_asks_the_pipeline_over_all_contexts() -> None:
    data = squad((LIBRARY, "q4", "怎样给自家的猫洗澡才不会被抓伤？", []), (BRIDGE, "q5", "  ", ["八分钟"]))
    seen = []
    figures = evaluate_squad(
        data, Path("t.json"), open_retrieval=True, progress=lambda stage, *_: seen.append(stage)
    )
    assert set(figures) == {"open", "open_unanswerable"}
    assert figures["open"]["questions"] == 4  # the empty question counts, as a failure
    assert figures["open"]["recall@1"] == 0.75
    assert figures["open"]["refused_wrongly"] >= 0.25
    assert figures["open_unanswerable"]["questions"] == 1
    assert {"embed", "ask"} <= set(seen)
    assert "recall@10" in table(figures)


def test_open_replies_name_the_document_of_the_context() -> None:
    data = squad()
    data["data"].append({"paragraphs": [{"context": BRIDGE, "qas": []}]})  # printed twice, indexed once
    out = list(open_replies(squad_items(data, "t.json")))
    assert [source for _, source, _ in out] == [
        "context-000001.txt",
        "context-000001.txt",
        "context-000002.txt",
    ]
    assert all(reply is not None and reply.passages[0].source == source for _, source, reply in out)


def test_half_a_surrogate_pair_is_no_traceback() -> None:
    items = squad_items(
        {"data": [{"paragraphs": [{"context": "甲\ud800乙", "qas": [{"id": 1, "question": "？"}]}]}]}, "t"
    )
    assert items[0].context == "甲\ufffd乙"


@pytest.mark.parametrize("data", [[], {"data": 1}, {"data": [{"paragraphs": [{"qas": []}]}]}, {"data": []}])
def test_foreign_files_are_refused(data: Any) -> None:
    with pytest.raises(SourceError, match=r"t\.json"):
        evaluate_squad(data, Path("t.json"))


def test_a_file_without_answers_cannot_be_scored() -> None:
    data = {"data": [{"paragraphs": [{"context": BRIDGE, "qas": [{"id": "1", "question": "哪年动工？"}]}]}]}
    with pytest.raises(SourceError, match="answers"):
        evaluate_squad(data, Path("t.json"), open_retrieval=True)


def test_the_command_prints_the_figures(tmp_path: Path, capsys: pytest.CaptureFixture[str]) -> None:
    file = tmp_path / "小样.json"
    file.write_text(json.dumps(squad(), ensure_ascii=False), encoding="utf-8")
    assert main(["evaluate", "--squad", str(file), "--json"]) == 0
    assert json.loads(capsys.readouterr().out)["closed"]["questions"] == 3
    assert main(["evaluate", "--squad", str(tmp_path / "none.json")]) == 1
    assert "none.json" in capsys.readouterr().err


@pytest.mark.parametrize("words", [["--open"], ["questions.jsonl", "--squad", "a.json"]])
def test_wrong_usage_is_status_2(words: list[str]) -> None:
    with pytest.raises(SystemExit) as stopped:
        main(["evaluate", *words])
    assert stopped.value.code == 2


@pytest.mark.parametrize(
    ("text", "said"),
    [
        ("", "没有问题"),
        ('{"question": "甲？"}\n{', "第 2 行"),
        ('{"id": 1}', "第 1 行"),
        ('{"question": "甲？", "answers": "乙"}', "answers"),
    ],
)
def test_malformed_question_files_are_named_by_line(tmp_path: Path, text: str, said: str) -> None:
    (tmp_path / "q.jsonl").write_text(text, encoding="utf-8")
    with pytest.raises(SourceError, match=said):
        load_questions(tmp_path / "q.jsonl")
