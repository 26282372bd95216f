"""What a question asks for: the type of its answer, its content words, the constraints that it names."""

from __future__ import annotations

import re
from collections.abc import Collection
from dataclasses import dataclass
from functools import lru_cache
from typing import Literal

from qa.folding import fold

AnswerType = Literal["number", "date", "person", "place", "organisation", "reason", "list", "open"]

# Forms of asking, most telling first: "哪些人" is a list, "什么时候" a date before "什么" is anything.
_FORMS: tuple[tuple[AnswerType, re.Pattern[str]], ...] = (
    (
        "reason",
        re.compile(
            r"为什么|为何|为啥|何以|原因|缘故|因为什么|凭什么|怎么会|目的是|为了什么|图(?:的是|个)?(?:什么|啥)"
        ),
    ),
    ("list", re.compile(r"哪些|哪几|分别|都有谁|有谁|哪[三四五六七八九十两]|哪\d")),
    (
        "date",
        re.compile(
            r"什么时[候间]|啥时候|何时|哪一?[年天日月]|几月|几号|几点|何年|何日|多会儿|日期|哪个(?:月|季度)"
        ),
    ),
    (
        "number",
        re.compile(
            r"多少|几(?![月号点乎时]|何时)|多[大长高远久重深]|百分之|第几|比例|占比|增幅|人数|数量|总额|金额|多长时间"
        ),
    ),
    (
        "person",
        re.compile(
            r"谁|哪一?位|何人|什么人|哪个人|哪名|叫(?:什么|啥)名|[人员长席记任者师工生民授]叫(?:什么|啥)|姓名|(?:市长|局长|书记|主任|主席|记者|董事长|负责人)是哪?"
        ),
    ),
    (
        "place",
        re.compile(
            r"哪里|哪儿|何处|何地|什么地[方点]|在哪(?!一?[天年月日]|个?(?:月|季度)|些)|哪一?[个座]?(?:城市|省|市|县|区|地|国家?|[乡镇村])|啥地方|地点"
        ),
    ),
    (
        "organisation",
        re.compile(
            r"哪一?[个家所些几]?(?:[\u4e00-\u9fff]{0,6}(?:机构|单位|部门|公司|企业|工厂|厂家?|学校|大学|医院|银行|集团|协会|组织))|什么(?:机构|单位|部门|公司|企业)"
        ),
    ),
)
_ASKING = re.compile(
    r"请问|请告诉我|想知道|我想问|一下|什么时[候间]|啥时候|多少|什么|为什么|为何|怎么样?|怎样|如何|哪里|哪儿|哪些|哪[一个位家年天]?|"
    r"谁|几[个家项件户名人次位种届天]|是否|有没有|吗|呢|吧|啊|何时|何地"
)
_STOP = frozenset(
    """
    的 了 是 在 有 和 与 及 为 对 等 被 把 将 从 到 由 于 也 都 就 还
    又 这 那 其 之 以 上 下 中 里 个 年 月 日 请 问 叫 会 能 要 去 来
    做 用 给 让 向 过 着 得 地 所 并 而 或 但 一个 一共 总共 共 具体 主要
    情况 方面 哪 何 几 谁 我 你 他 她 它 我们 他们 进行 开展 实现 达到 包括
    多少 什么 哪些 怎么 时候 目前 截至 这个 那个 这次 那次 关于 根据 按照 通过
    因为 所以 如果 可以 没有 不 没 吗 呢 吧 啊 今年 去年
    """.split()
)
_YEAR = re.compile(r"(?:19|20)\d\d(?=年|[^\d]|$)")
_NUMBER = re.compile(r"\d[\d,]*(?:\.\d+)?")
_NAME_CLASSES = {"ns": "place", "nt": "organisation", "nr": "person", "nrt": "person", "nrfg": "person"}
_SUFFIX = re.compile(r"(?<=..)(?:省|市|县|区|镇|乡|村)$")
SURNAMES = frozenset(
    "王李张刘陈杨黄赵吴周徐孙马朱胡郭何高林罗郑梁谢宋唐许韩冯邓曹彭曾肖田董袁潘于蒋蔡余杜叶程苏魏吕丁任沈姚卢姜崔"
    "钟谭陆汪范金石廖贾夏韦付方白邹孟熊秦邱江尹薛闫段雷侯龙史陶黎贺顾毛郝龚邵万钱严覃武戴莫孔向汤常庞祝温康施牛樊葛邢"
)
_DOUBLE_SURNAMES = frozenset(["欧阳", "司马", "上官", "诸葛", "皇甫", "尉迟", "令狐", "慕容", "司徒", "东方"])
# A given name that is a word as well (建平, 国庆) is a rare word; "于 企业" is none.
_RARE_WORD = 1000


@dataclass(frozen=True, slots=True)
class QuestionFacts:
    """``words``: content words, folded. ``names``: ``(class, word)``; suffixes such as 市 dropped."""

    text: str
    types: frozenset[AnswerType]
    words: tuple[str, ...]
    names: tuple[tuple[str, str], ...]
    years: tuple[str, ...]
    numbers: tuple[str, ...]


def answer_types(question: str) -> frozenset[AnswerType]:
    """The types that the form of ``question`` asks for; ``{"open"}`` where it does not say (key words)."""
    found = frozenset(kind for kind, pattern in _FORMS if pattern.search(question))
    return found or frozenset({"open"})


def _classed(text: str) -> list[tuple[str, str]]:
    """``(word, class)`` as jieba has them, with the names of persons that it parts made whole (何 建平, 欧阳 秀英)."""
    import jieba.posseg

    out: list[tuple[str, str]] = []
    for pair in jieba.posseg.cut(text):
        before = out[-1][0] if out else ""
        given = len(pair.word) <= 2 and (
            pair.flag in ("nr", "nrt")
            or (pair.flag in ("n", "nz", "t", "v", "a") and jieba.dt.FREQ.get(pair.word, 0) < _RARE_WORD)
        )
        if given and (before in _DOUBLE_SURNAMES or (before in SURNAMES and len(pair.word) == 2)):
            out[-1] = (before + pair.word, "nr")
        else:
            out.append((pair.word, pair.flag))
    return out


@lru_cache(maxsize=4096)
def understand(question: str) -> QuestionFacts:
    """The facts of ``question``. Word classes are jieba's."""
    text = fold(question)
    bare = _ASKING.sub(" ", text)
    words: list[str] = []
    names: list[tuple[str, str]] = []
    for whole, flag in _classed(bare):
        word = whole.strip()
        if not word or not any(char.isalnum() for char in word):
            continue
        if flag in _NAME_CLASSES and len(word) >= 2:
            names.append((_NAME_CLASSES[flag], _SUFFIX.sub("", word)))
        if (
            word not in _STOP
            and (len(word) > 1 or word.isdigit())
            and not flag.startswith(("u", "p", "c", "r", "y"))
        ):
            words.append(word)
    years = tuple(dict.fromkeys(_YEAR.findall(text)))
    numbers = tuple(n for n in dict.fromkeys(_NUMBER.findall(text)) if n not in years)
    return QuestionFacts(
        text, answer_types(text), tuple(dict.fromkeys(words)), tuple(dict.fromkeys(names)), years, numbers
    )


_HAS_NUMBER = re.compile(
    r"\d|[一二三四五六七八九十百千万亿两半]+(?:余|多)?[个家项件户名人次位种届天年条成倍亿万元]|百分之|翻番|倍增"
)
_HAS_DATE = re.compile(
    r"\d ?[年月日]|[一二三四五六七八九十〇○零]{1,4}[年月日]|季度|上半年|下半年|年底|月底|月初|"
    r"近日|日前|今年|去年|明年|昨[天日]|今[天日]|[上下]午|期间|时"
)
# What a date must hold to answer a question for one of these.
_DATE_PARTS: tuple[tuple[re.Pattern[str], re.Pattern[str]], ...] = (
    (
        re.compile(r"几点|几时|什么钟点"),
        re.compile(r"\d ?[时点:：]|[一二三四五六七八九十半][时点]|[上下]午|[早晚]上|零点|凌晨"),
    ),
    (
        re.compile(r"哪一?[天日]|几号|何日"),
        re.compile(
            r"\d ?[日号]|[一二三四五六七八九十][日号]|[昨今明当][天日]|日前|近日|星期|周[一二三四五六日]|节"
        ),
    ),
    (re.compile(r"几月|哪个?月|何月"), re.compile(r"\d ?月|[一二三四五六七八九十本当上下]月|月[初中底末]")),
    (
        re.compile(r"哪一?年|何年"),
        re.compile(r"\d\d ?年|[今去明前当本同]年|[〇○零一二三四五六七八九]年|至今|年间"),
    ),
)


def date_fit(question: str, answer: str) -> int:
    """-1 where ``answer`` lacks the part of a date that ``question`` asks for (both folded): 哪天, and only a year."""
    for asked, given in _DATE_PARTS:
        if asked.search(question) and not given.search(answer):
            return -1
    return 1 if _HAS_DATE.search(answer) else -1


_DATE_PART = re.compile(r"\d{2,4} ?年|\d{1,2} ?(?:月份?|[日号])")
_ASKS_TIME = re.compile(
    r"(?:多少|几)个?(?:年|月|天|日|周|星期|小时|分钟)|多久|多长时间|[年工日学]龄|年纪|岁数|多大"
)
_COUNT = re.compile(r"(?:约|近|共|超过?)?[\d一二三四五六七八九十百千万亿两]+(?:余|多)?[\u4e00-\u9fff%]{1,2}")
_ORGANISATION = re.compile(
    r"(?:公司|集团|厂|局|厅|委员?会?|部|院|所|中心|银行|大学|学校|中学|小学|协会|学会|商会|联合会|政府|法院|公安|社|组|队|办公?室?|站|店|馆|园)$"
)
_PLACE_CLASSES = ("ns", "s")


def _own_part(answer: str, question: str) -> str:
    """``answer`` without the years and numbers that ``question`` gives itself: they cannot be what it asks for."""
    for given in dict.fromkeys((*_YEAR.findall(question), *_NUMBER.findall(question))):
        answer = re.sub(rf"(?<!\d){re.escape(given)}(?!\d)年?", "", answer)
    return answer


@lru_cache(maxsize=4096)
def _names_places(text: str) -> tuple[bool, bool]:
    """Whether ``text`` holds a place, and whether it is nothing else."""
    import jieba.posseg

    classes = [pair.flag in _PLACE_CLASSES for pair in jieba.posseg.cut(text) if pair.word.strip("、，, ")]
    return any(classes), all(classes)


def type_fit(types: Collection[AnswerType], answer: str, question: str = "") -> int:
    """1 where ``answer`` has the form that one of ``types`` asks for, -1 where it has not, 0 where no one can say.

    ``question`` (folded) says which part of a date is asked for, and what need not be told again.
    """
    fits: list[int] = []
    folded = fold(answer)
    told = _own_part(folded, question)
    for kind in types:
        if kind == "number":
            counted = told if _ASKS_TIME.search(question) else _DATE_PART.sub("", told)
            fits.append(1 if _HAS_NUMBER.search(counted) else -1)
        elif kind == "date":
            fits.append(date_fit(question, told))
        elif kind == "person":
            fits.append(-1 if re.search(r"\d", folded) or len(folded) > 20 else 1 if len(folded) <= 4 else 0)
        elif kind == "place":
            if (_HAS_DATE.search(folded) and len(folded) < 12) or len(folded) > 30:
                fits.append(-1)
            else:
                fits.append(int(len(folded) <= 12 and _names_places(folded)[0]))
        elif kind == "organisation":
            fits.append(1 if _ORGANISATION.search(folded) else -1 if _names_places(folded)[1] else 0)
        elif kind == "reason":
            fits.append(1 if len(folded) >= 6 else -1)
        elif kind == "list":
            fits.append(-1 if _COUNT.fullmatch(folded) and "几" not in question else 0)
        else:
            fits.append(0)
    return max(fits, default=0)
