"""qa.training: examples, features, fits, and a tiny training from data to a reader directory."""

import gzip
import itertools
import json
import random
from dataclasses import replace
from pathlib import Path

import numpy as np
import pytest

from qa.answering.calibration import LinearModel, sigmoid
from qa.errors import ModelError, SourceError
from qa.reader.windows import WindowMaker, view_of
from qa.training.__main__ import main
from qa.training.augment import NamePool, clause_around, negative, positives, spoken, terse, without_answer
from qa.training.calibrate import Read, Scored, expected_calibration_error, quantile, report
from qa.training.data import Example, Question, crop, locate, read_news, read_squad, split_by_title
from qa.training.features import Feature, batches, feature_of, load_features, save_features, view_span
from qa.training.fitting import choice, logistic
from qa.training.held_out import Asked
from qa.training.news import clozes, news_examples, pretraining_examples, recurring_spans, windows_of
from qa.training.train import Trainer, TrainingSettings, endless

ENCODER = Path(__file__).resolve().parents[1] / "embeddings" / "models" / "encoder"

NEWS = (
    "5月17日，云川市青石岭引水工程正式通水，市水务局局长郝明轩到场。工程总投资3.6亿元，铺设管道128.5公里。"
    "由于去年冬天雨水偏少，青石岭引水工程提前三个月开始试运行。青石岭村的村民说，过去吃水靠挑。\n"
    "开馆仪式在城南图书馆举行，《夜航船》首发。图书馆藏书12万册，设阅览座位860个，全年免费开放。"
    "市民带来了苹果、雪梨、核桃和花椒，送给图书馆的工作人员。为了方便上班族，城南图书馆每晚开放到21时。\n"
    "望潮港前四月完成货物吞吐量2860万吨，同比增长14.2%。望潮港集团董事长薛北辰介绍，三条近洋航线分别通往釜山、大阪和海防。"
    "今年前四月，集装箱吞吐量41万标箱。薛北辰表示，近洋航线还会增加。郝明轩说，青石岭引水工程还要延长20公里。"
)
FACTS = [
    ("望仙桥", "望仙桥位于云川市，1986年建成。大桥全长412米，桥面宽18米。桥的设计者是宋听雨。", "412米", "望仙桥全长多少米？"),
    ("鹿鸣山", "鹿鸣山在海宁县，海拔1377米。2009年成为自然保护区。山上住着护林员韦长青。", "1377米", "鹿鸣山的海拔是多少？"),
    ("白露镇", "白露镇是江州市的古镇，始建于1420年。镇上有三座石塔。镇长叫方秀英。", "方秀英", "白露镇镇长叫什么名字？"),
    ("柳溪湖", "柳溪湖面积为83平方公里。湖中有7座小岛。2014年湖区禁止捕鱼。", "2014年", "柳溪湖哪年禁止捕鱼？"),
    ("石鼓山", "石鼓山隧道在桃源县，全长2650米。隧道于2017年通车。施工的是云川路桥公司。", "云川路桥公司", "石鼓山隧道由谁施工？"),
    ("夜航船", "《夜航船》是作家罗小满的小说，2003年出版。全书28万字。故事发生在海宁。", "罗小满", "《夜航船》的作者是谁？"),
]  # fmt: skip


def questions():
    out = []
    for title, text, answer, asked in FACTS:
        at = text.index(answer)
        out.append(Question(asked, title, text, (at, at + len(answer))))
    return out


def squad(facts=FACTS):
    entries = []
    for number, (title, text, answer, asked) in enumerate(facts):
        item = {
            "id": str(number),
            "question": asked,
            "answers": [{"text": answer, "answer_start": text.index(answer)}],
        }
        entries.append({"title": title, "paragraphs": [{"context": text, "qas": [item]}]})
    return {"data": entries}


@pytest.fixture(scope="module")
def maker():
    from tokenizers import Tokenizer

    tokenizer = Tokenizer.from_file(str(ENCODER / "tokenizer.json"))
    tokenizer.no_truncation()
    tokenizer.no_padding()
    return WindowMaker(tokenizer)


class TestData:
    def test_squad(self, tmp_path):
        data = squad()
        data["data"][0]["paragraphs"][0]["qas"][0]["answers"][0]["answer_start"] += 3  # as in CMRC
        data["data"][1]["paragraphs"][0]["qas"][0]["answers"][0]["text"] = "没有的话"
        data["data"][2]["paragraphs"][0]["qas"][0]["answers"] = []
        (tmp_path / "a.json").write_text(json.dumps(data), encoding="utf-8")
        (tmp_path / "a.json.gz").write_bytes(gzip.compress(json.dumps(data).encode()))
        made = read_squad(tmp_path / "a.json")
        assert made == read_squad(tmp_path / "a.json.gz")
        assert [q.text[slice(*q.answer)] for q in made] == ["412米", "2014年", "云川路桥公司", "罗小满"]
        assert made[0].title == "望仙桥"

    @pytest.mark.parametrize("content", ["{", '{"data": [{"paragraphs": [{}]}]}', "[]", '{"data": 3}'])
    def test_files_that_are_none(self, tmp_path, content):
        path = tmp_path / "a.json"
        with pytest.raises(SourceError, match=r"a\.json"):
            read_squad(path)
        path.write_text(content, encoding="utf-8")
        with pytest.raises(SourceError, match=r"a\.json"):
            read_squad(path)

    def test_the_nearest_occurrence(self):
        assert locate("桥上桥下桥头", "桥", 3) == 2
        assert locate("桥上桥下桥头", "桥", 99) == 4
        assert locate("桥上", "河", 0) is None
        assert locate("桥上", "", 0) is None

    def test_no_article_on_both_sides(self):
        train, held = split_by_title(questions() * 2, 0.5, 1)
        assert len(train) == len(held) == 6
        assert not {q.title for q in train} & {q.title for q in held}
        assert split_by_title(questions() * 2, 0.5, 1) == (train, held)

    def test_news_lines(self, tmp_path):
        (tmp_path / "n.txt").write_text(
            "2023-05-01 08:00，正文：甲说。\n坏行\n2023-05-02，正文：乙说。\n", "utf-8"
        )
        assert list(read_news(tmp_path / "n.txt")) == [("2023-05-01", "甲说。"), ("2023-05-02", "乙说。")]

    @pytest.mark.parametrize("seed", range(12))
    @pytest.mark.parametrize("answer", ["3.6亿元", "860个", "薛北辰介绍"])
    def test_a_crop_keeps_the_answer(self, seed, answer):
        at = NEWS.index(answer)
        limit = (60, 120, 200)[seed % 3]
        text, span = crop(NEWS, (at, at + len(answer)), limit, random.Random(seed))
        assert text[slice(*span)] == answer
        assert text in NEWS
        assert len(text) <= limit
        bare, none = crop(NEWS, None, limit, random.Random(seed))
        assert none is None
        assert bare in NEWS
        assert 0 < len(bare) <= limit

    def test_a_short_text_is_not_cropped(self):
        assert crop("甲说。", (0, 1), 60, random.Random(1)) == ("甲说。", (0, 1))


class TestFeatures:
    def test_view_span(self):
        view = view_of("在 鹿鳴山 守了 31 年")
        assert view.text == "在鹿鸣山守了31年"
        assert view.text[slice(*view_span(view, (2, 5)))] == "鹿鸣山"
        assert view.text[slice(*view_span(view, (1, 6)))] == "鹿鸣山"
        assert view_span(view, (1, 2)) is None

    def test_the_targets_are_the_answer(self, maker):
        for question in questions():
            for context in ("", question.title):
                made = feature_of(
                    Example(question.question, context, question.text, question.answer, 0.5), maker
                )
                assert made.first <= made.start <= made.end < len(made.ids) - 1
                said = maker.tokenizer.decode(list(made.ids[made.start : made.end + 1]))
                assert question.text[slice(*question.answer)] in said.replace(" ", "")
                assert made.weight == 0.5

    def test_no_answer_and_an_answer_beyond_the_window(self, maker):
        made = feature_of(Example("谁？", "", "江上有雾。", None), maker)
        assert (made.start, made.end) == (0, 0)
        long = "江上有雾，船走得慢。" * 120 + "谭立秋到了。"
        at = long.index("谭立秋")
        assert feature_of(Example("谁到了？", "", long, (at, at + 3)), maker) is None

    def test_saved_and_loaded(self, tmp_path, maker):
        made = [
            feature_of(Example(q.question, q.title, q.text, q.answer, weight), maker)
            for q, weight in zip(questions(), (1.0, 0.4, 0.123, 2.0, 0.0, 1.0), strict=True)
        ]
        made.append(Feature((0, 59_499, 65_535, 2), 1, 0, 0, 1.0))
        save_features(made, tmp_path / "f.xz")
        assert load_features(tmp_path / "f.xz") == made

    def test_batches_hold_all_once_within_their_size(self):
        rng = random.Random(3)
        made = [Feature(tuple(range(rng.randrange(20, 300))), 3, n, n, 1.0) for n in range(200)]
        out = batches(made, 1024, random.Random(1))
        assert sorted(f.start for batch in out for f in batch) == list(range(200))
        assert all(max(len(f.ids) for f in batch) * len(batch) <= 1024 for batch in out)
        padding = sum(max(len(f.ids) for f in b) * len(b) for b in out) / sum(len(f.ids) for f in made)
        assert padding < 1.2
        assert out == batches(made, 1024, random.Random(1))
        assert out != batches(made, 1024, random.Random(2))

    def test_endless_shuffles_each_pass(self):
        made = [Feature(tuple(range(30)), 3, n, n, 1.0) for n in range(40)]
        settings = TrainingSettings(tokens=120)
        passes = list(itertools.islice(endless(made, settings), 20))
        assert sorted(f.start for b in passes[:10] for f in b) == list(range(40))
        assert sorted(f.start for b in passes[10:] for f in b) == list(range(40))
        assert passes[:10] != passes[10:]
        assert passes == list(itertools.islice(endless(made, settings), 20))


class TestAugment:
    @pytest.mark.parametrize("seed", range(8))
    def test_terse_drops_what_asks_and_invents_nothing(self, seed):
        for question in questions():
            made = terse(question.question, random.Random(seed))
            assert not any(word in made for word in ("多少", "谁", "什么", "？", "是"))
            assert set(made) - {" "} <= set(question.question)
            assert len(made) >= 4
        assert terse("谁？", random.Random(seed)) == "谁？"

    @pytest.mark.parametrize("seed", range(8))
    def test_spoken_keeps_the_matter(self, seed):
        made = spoken("望仙桥什么时候建成？", random.Random(seed))
        assert "望仙桥" in made
        assert "建成" in made
        assert "什么时候" not in made
        assert not made.endswith("？？")

    def test_a_swap_changes_a_constraint_that_the_text_bears_out(self):
        pool = NamePool(questions())
        changed = 0
        text = "1986年，望仙桥在云川市建成。大桥全长412米。海宁县派人来看。"
        question = "1986年云川市建成的望仙桥全长多少米？"
        for seed in range(60):
            made = pool.swap(question, text, "412米", random.Random(seed))
            assert made is not None
            assert made != question
            assert "全长多少米" in made
            changed += "1986" not in made
            assert ("1986" in made) != ("云川" in made) or ("1986" in made and "望仙" not in made)
        assert 0 < changed < 60
        assert pool.swap("全长多少米？", text, "412米", random.Random(1)) is None

    def test_a_longer_form_of_the_same_name_is_no_other(self):
        pool = NamePool([Question("云川在哪里？", "", "", (0, 0))])
        pool.names = {flag: ["云川"] for flag in ("ns", "nr", "nz", "nt")}
        for seed in range(20):
            made = pool.swap("上海有多少人？", "上海市很大，上海人多。", "很大", random.Random(seed))
            assert made is None or "上海" not in made

    def test_without_answer(self):
        rest = without_answer(NEWS, "3.6亿元")
        assert "3.6亿元" not in rest
        assert len(rest) > 200
        assert without_answer("投资3.6亿元。开工了。", "3.6亿元") is None

    @pytest.mark.parametrize(("phrase", "clause"), [
        ("5月17日", "5月17日"),
        ("3.6亿元", "市水务局局长郝明轩到场。工程总投资3.6亿元"),
        ("860个", "图书馆藏书12万册，设阅览座位860个"),
    ])  # fmt: skip
    def test_the_clause_around(self, phrase, clause):
        at = NEWS.index(phrase)
        left, right = clause_around(NEWS, (at, at + len(phrase)))
        assert NEWS[left:right] == clause

    def test_a_clause_at_the_beginning_is_whole(self):
        text = "今年薛北辰来了，带着礼物。望潮港很忙。"
        assert clause_around(text, (2, 5)) == (0, 7)

    @pytest.mark.parametrize("seed", range(10))
    def test_positives_state_and_negatives_do_not(self, seed):
        rng = random.Random(seed)
        pool = NamePool(questions())
        at = NEWS.index("860个")
        question = Question("2019年城南图书馆设阅览座位多少？", "图书馆", NEWS, (at, at + 4))
        made = positives(question, rng)
        assert made.text[slice(*made.answer)] == "860个"
        none = negative(question, pool, ["江上有雾，船走得慢。"], rng)
        assert none.answer is None


class TestNews:
    def test_clozes_stand_at_their_place_and_do_not_tell(self):
        seen = set()
        for seed in range(40):
            for asked, (start, end) in clozes(NEWS, random.Random(seed), 4):
                said = NEWS[start:end]
                assert said.strip() == said
                assert said not in asked
                assert any(word in asked for word in ("多少", "什么", "哪", "谁"))
                seen.add(said)
        assert {"3.6亿元", "郝明轩", "去年冬天雨水偏少"} & seen
        assert len(seen) >= 8

    def test_news_examples(self):
        pool = NamePool(questions())
        passages = windows_of(NEWS)
        assert "".join(passages) in NEWS
        kinds = set()
        for seed in range(40):
            for example in news_examples(NEWS, pool, 0.4, random.Random(seed)):
                kinds.add(example.answer is None)
                assert example.weight == 0.4
                if example.answer is not None:
                    said = example.text[slice(*example.answer)]
                    assert said
                    assert said not in example.question
        assert kinds == {True, False}
        assert news_examples("短。", pool, 0.4, random.Random(1)) == []

    def test_recurring_spans(self):
        made = [e for seed in range(25) for e in recurring_spans(NEWS, random.Random(seed))]
        assert len(made) > 30
        for example in made:
            said = example.text[slice(*example.answer)]
            assert 2 <= len(said) <= 14
            assert NEWS.count(said) >= 2
            assert said not in example.question
            assert example.text in NEWS
        assert recurring_spans("甲说。乙说。", random.Random(1)) == []

    def test_pretraining_examples(self):
        made = pretraining_examples([NEWS, "".join(text for _, text, _, _ in FACTS)], random.Random(1))
        assert sum(e.answer is not None for e in made) >= 4
        assert made == pretraining_examples(
            [NEWS, "".join(text for _, text, _, _ in FACTS)], random.Random(1)
        )


class TestFits:
    def test_logistic_recovers_planted_weights(self):
        rng = np.random.default_rng(1)
        x = rng.normal(size=(6000, 3)) * [1.0, 5.0, 0.2] + [0.0, 3.0, -1.0]
        logits = 1.5 * x[:, 0] - 0.4 * x[:, 1] + 0.7
        rows = [dict(zip("abc", map(float, row), strict=True)) for row in x]
        targets = [bool(v) for v in rng.random(6000) < 1 / (1 + np.exp(-logits))]
        model = logistic(rows, targets, [1.0] * 6000, ["a", "b", "c"])
        assert model.weights["a"] == pytest.approx(1.5, abs=0.15)
        assert model.weights["b"] == pytest.approx(-0.4, abs=0.05)
        assert model.weights["c"] == pytest.approx(0.0, abs=0.4)
        assert model.logit({"a": 0, "b": 0, "c": -1.0}) == pytest.approx(0.7, abs=0.2)

    def test_logistic_weights_and_constant_features(self):
        rows = [{"a": 0.0}] * 40
        model = logistic(rows, [True] * 10 + [False] * 30, [3.0] * 10 + [1.0] * 30, ["a"])
        assert sigmoid(model.logit({"a": 0.0})) == pytest.approx(0.5, abs=1e-3)

    def test_a_slope_keeps_its_sign(self):
        rows = [{"a": float(n % 2), "b": float(n % 3)} for n in range(120)]
        targets = [n % 2 == 0 for n in range(120)]  # "a" speaks against
        free = logistic(rows, targets, [1.0] * 120, ["a", "b"])
        held = logistic(rows, targets, [1.0] * 120, ["a", "b"], signs={"a": 1})
        assert free.weights["a"] < -1
        assert held.weights["a"] == 0
        groups = [([{"a": 1.0}, {"a": 0.0}], [False, True], 1.0)] * 20
        assert choice(groups, ["a"]).weights["a"] < 0
        assert choice(groups, ["a"], signs={"a": 1}).weights["a"] == 0

    def test_choice_recovers_planted_weights(self):
        rng = np.random.default_rng(2)
        groups = []
        for _ in range(1500):
            x = rng.normal(size=(4, 2)) + rng.normal() * 3  # a shift that all of a group share tells nothing
            z = 2.0 * x[:, 0] - 1.0 * x[:, 1]
            p = np.exp(z - z.max())
            hit = rng.choice(4, p=p / p.sum())
            rows = [dict(zip("ab", map(float, row), strict=True)) for row in x]
            groups.append((rows, [n == hit for n in range(4)], 1.0))
        model = choice(groups, ["a", "b"])
        assert model.weights["a"] / model.weights["b"] == pytest.approx(-2.0, abs=0.25)
        assert model.weights["a"] > 0
        said = np.mean([sigmoid(model.logit(row)) for rows, _, _ in groups for row in rows])
        assert said == pytest.approx(0.25, abs=0.01)

    def test_quantile(self):
        assert quantile([0.1, 0.2, 0.3, 0.4, 0.5], 0.5) == pytest.approx(0.3)
        assert quantile([0.5, 0.1], 0.0) == pytest.approx(0.1)
        assert quantile([0.0, 1.0], 0.02) == pytest.approx(0.02)

    def test_calibration_error(self):
        def ones(said, hits, count):
            return [Scored(1.0, 1.0, said, n < hits) for n in range(count)]

        assert expected_calibration_error(ones(0.75, 3, 4)) == pytest.approx(0.0)
        assert expected_calibration_error(ones(0.95, 0, 4)) == pytest.approx(0.95)
        assert expected_calibration_error(ones(1.0, 4, 4) + ones(0.25, 2, 4)) == pytest.approx(0.125)

    def test_report(self):
        from qa.answering import Calibration

        blank = LinearModel({}, 0.0)
        at = Calibration(blank, blank, blank, blank, 0.3, 0.5, 1.0, 1.0)

        def read(kind, answered):
            return Read(Asked("问？", ("答",) if answered else (), (), kind, True), 0.0, [], [], ())

        reads = [read("number", True)] * 4 + [read("away", False)] * 2
        scored = [
            Scored(0.9, 0.9, 0.9, True),
            Scored(0.9, 0.8, 0.9, False),
            Scored(0.9, 0.4, 0.5, True),  # refused
            Scored(0.2, 0.9, 0.5, True),  # not found, and so refused
            Scored(0.1, 0.1, 0.1, False),
            Scored(0.9, 0.9, 0.9, False),  # answered wrongly
        ]
        out = report(reads, scored, at)
        assert out["number"] == {"questions": 4, "refused": 0.5, "not_found": 0.25, "right": 0.75}
        assert out["own"] == out["number"]
        assert (out["away"]["refused"], out["away"]["not_found"]) == (0.5, 0.5)
        # Against 0.1 all four are higher; against 0.9 two are equal, two lower.
        assert out["away"]["auroc"] == pytest.approx((4 + 1) / 8, abs=1e-3)


def tiny(directory):
    """A small untrained span model with the vocabulary of the encoder."""
    import torch
    from transformers import BertConfig, BertForQuestionAnswering

    torch.manual_seed(11)
    config = BertConfig(
        vocab_size=json.loads((ENCODER / "config.json").read_text())["vocab_size"],
        hidden_size=32,
        num_hidden_layers=2,
        num_attention_heads=4,
        intermediate_size=64,
        max_position_embeddings=512,
        pad_token_id=1,
        hidden_dropout_prob=0.0,
        attention_probs_dropout_prob=0.0,
    )
    BertForQuestionAnswering(config).save_pretrained(directory)
    (directory / "tokenizer.json").write_bytes((ENCODER / "tokenizer.json").read_bytes())
    return directory


@pytest.fixture(scope="module")
def initial(tmp_path_factory):
    return tiny(tmp_path_factory.mktemp("tiny"))


@pytest.fixture(scope="module")
def features(maker):
    made = [feature_of(Example(q.question, q.title, q.text, q.answer), maker) for q in questions()]
    made += [feature_of(Example(q.question, "", "江上有雾，船走得慢。", None), maker) for q in questions()]
    return made


SETTINGS = TrainingSettings(steps=24, tokens=400, learning_rate=5e-3, warm_up=2, frozen_layers=0, average=0.5)


def trainer(initial, work, settings=SETTINGS, teachers=()):
    from qa.training.model import SpanModel

    return Trainer(SpanModel.load(initial, attention="eager"), settings, work, teachers)


@pytest.fixture(scope="module")
def trained(initial, features, tmp_path_factory):
    one = trainer(initial, tmp_path_factory.mktemp("work"))
    one.run(endless(features, SETTINGS))
    return one


class TestTrainer:
    def test_the_loss_falls(self, initial, features, tmp_path):
        longer = replace(SETTINGS, steps=120, learning_rate=1e-2)
        one = trainer(initial, tmp_path, longer)
        frozen = one.model.network.bert.embeddings.word_embeddings.weight.detach().clone()
        losses = [float(one.train_batch(b)) for b in itertools.islice(endless(features, longer), 120)]
        assert np.mean(losses[-4:]) < 0.85 * np.mean(losses[:4])
        assert one.step == 120
        assert bool((one.model.network.bert.embeddings.word_embeddings.weight == frozen).all())

    def test_the_rate(self, initial, tmp_path):
        one = trainer(initial, tmp_path)
        rates = []
        for one.step in range(25):
            rates.append(one.rate())
        assert rates[:3] == pytest.approx([2.5e-3, 5e-3, 5e-3])
        assert rates[13] == pytest.approx(2.5e-3)
        assert rates[24] == pytest.approx(1e-4)

    def test_interrupted_and_resumed_is_the_same(self, initial, features, trained, tmp_path):
        first = trainer(initial, tmp_path)
        assert not first.resume()
        stopped = itertools.islice(endless(features, SETTINGS), 9)
        first.run(stopped, save_every=3)
        second = trainer(initial, tmp_path)
        assert second.resume()
        assert second.step == 9
        second.run(endless(features, SETTINGS))
        assert second.step == trained.step == 24
        for name, weight in trained.parameters.items():
            assert bool((weight == second.parameters[name]).all()), name
            assert bool((trained.averaged[name] == second.averaged[name]).all()), name

    def test_a_finished_run_is_not_trained_on(self, initial, features, trained):
        again = trainer(initial, trained.checkpoint)
        assert again.resume()
        again.run(endless(features, SETTINGS))
        assert again.step == 24
        name = "qa_outputs.weight"
        assert bool((again.parameters[name] == trained.parameters[name]).all())

    def test_a_checkpoint_of_other_settings_is_refused(self, initial, trained):
        other = trainer(initial, trained.checkpoint, TrainingSettings(steps=25))
        with pytest.raises(ModelError, match=r"checkpoint\.safetensors.*设置"):
            other.resume()
        assert other.step == 0

    def test_out_of_time_it_saves(self, initial, features, tmp_path):
        one = trainer(initial, tmp_path)
        one.run(endless(features, SETTINGS), minutes=0.0)
        assert one.step == 1
        two = trainer(initial, tmp_path)
        assert two.resume()
        assert two.step == 1

    def test_a_teacher_is_followed(self, initial, features, trained, tmp_path):
        pupil = trainer(initial, tmp_path, teachers=[trained.model])
        losses = [float(pupil.train_batch(b)) for b in itertools.islice(endless(features, SETTINGS), 24)]
        assert np.mean(losses[-4:]) < 0.9 * np.mean(losses[:4])

    def test_exported_for_transformers_and_for_the_reader(self, trained, features, tmp_path):
        import torch
        from transformers import AutoModelForQuestionAnswering

        from qa.reader import load_reader
        from qa.training.features import tensors

        trained.export(
            tmp_path / "out", ENCODER / "tokenizer.json", {"context": True, "max_tokens": 384, "stride": 128}
        )
        network = AutoModelForQuestionAnswering.from_pretrained(
            tmp_path / "out", dtype=torch.float32, local_files_only=True
        ).eval()
        reader = load_reader(tmp_path / "out")
        ids, mask, _ = tensors(features[:6])
        with torch.inference_mode():
            theirs = network(input_ids=ids, attention_mask=mask)
        start, end, states = reader._model(ids, mask.bool())
        at = mask.bool()
        tolerance = 0.1 if reader.bf16 else 1e-3
        assert torch.allclose(theirs.start_logits[at], start[at], atol=tolerance, rtol=tolerance)
        assert torch.allclose(theirs.end_logits[at], end[at], atol=tolerance, rtol=tolerance)
        assert float(theirs.start_logits.std()) > 0.2
        hidden = network.bert(input_ids=ids, attention_mask=mask).last_hidden_state[:, 0]
        weight, bias = trained.averaged["states.weight"], trained.averaged["states.bias"]
        assert torch.allclose((hidden @ weight.T + bias)[:, 0], states, atol=tolerance, rtol=tolerance)
        # The average is what is shipped.
        name = "bert.encoder.layer.0.attention.self.query.weight"
        shipped = network.state_dict()[name]
        assert torch.allclose(shipped, trained.averaged[name], atol=2e-3)
        assert not torch.allclose(shipped, trained.parameters[name].detach(), atol=1e-6)
        question, text = FACTS[0][3], FACTS[0][1]
        reading = reader.read(question, [("望仙桥", text)])[0]
        assert reading.states is not None
        assert all(0 <= s.start < s.end <= len(text) for s in reading.spans)


def test_from_data_files_to_a_reader(initial, tmp_path, capsys):
    from qa.reader import load_reader

    data = tmp_path / "data"
    data.mkdir()
    for name, facts in (("cmrc2018_train.json.gz", FACTS), ("drcd_dev.json.gz", FACTS[:2])):
        (data / name).write_bytes(gzip.compress(json.dumps(squad(facts)).encode()))
    lines = [f"2023-05-0{n} 08:00，正文：{NEWS.replace(chr(10), '')}" for n in range(1, 4)]
    (data / "news_sample.txt.gz").write_bytes(gzip.compress("\n".join(lines).encode()))
    common = ["--data", str(data), "--init", str(initial), "--work", str(tmp_path / "work"), "--limit", "8"]
    common += ["--steps", "4", "--tokens", "600", "--frozen-layers", "0", "--news-articles", "3"]
    assert main([*common, "--out", str(tmp_path / "out"), "--minutes", "0"]) == 0
    assert main([*common, "--out", str(tmp_path / "out")]) == 0
    assert "resumed at step 1" in capsys.readouterr().err
    settings = json.loads((tmp_path / "out" / "reader.json").read_text(encoding="utf-8"))
    assert settings["context"] is True
    assert settings["training"]["steps"] == 4
    assert len(load_reader(tmp_path / "out").read(FACTS[0][3], [("", FACTS[0][1])])) == 1
    # In two steps, by a file of features.
    file = tmp_path / "f.xz"
    assert main([*common, "--save-features", str(file)]) == 0
    assert 0 < len(load_features(file)) <= 8
    assert (
        main([*common, "--work", str(tmp_path / "other"), "--features", str(file), "--trial", str(file)]) == 0
    )
    figures = json.loads(capsys.readouterr().out.strip().split(" ", 1)[1])
    assert set(figures) == {"em", "f1", "auroc_states", "auroc_margin"}
    # Other settings over the same checkpoint, and no data: a sentence, not a traceback.
    assert main([*common, "--steps", "5"]) == 1
    assert "设置" in capsys.readouterr().err
    assert main([*common, "--data", str(tmp_path)]) == 1
    assert "--data" in capsys.readouterr().err
    assert main([*common[:-8], "--limit", "0"]) == 1
    assert "例子" in capsys.readouterr().err
