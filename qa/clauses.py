"""Parts of a Chinese question: its time, the matter it asks about, runs of nouns. Pure functions over jieba's words."""

from __future__ import annotations

import re
from functools import lru_cache

ASKING_WORDS = re.compile(r"什么|多少|多[大长高远久重深]|哪|谁|几|何|吗|怎|是否|有没有")
_DIGITS = r"[\d一二三四五六七八九十]{1,3}"
_YEAR = r"(?:(?:19|20)\d\d|[一二][〇零○九\d][〇零○一二三四五六七八九\d]{2})年|今年|去年|前年|明年|当年|上年"
_PART = (
    rf"上半年|下半年|全年|年初|年底|年末|前{_DIGITS}个?月|前[二两三]季度|第?[一二三四1-4]季度|"
    rf"{_DIGITS}月?[至到—-]{_DIGITS}月份?|上个?月|本月|下个?月|{_DIGITS}月份?(?:底|初)?"
)
_DAY = rf"{_DIGITS}[日号]|昨[天日]|今天|明天"
_TIME = re.compile(rf"(?P<year>{_YEAR})?(?:的)?(?P<part>{_PART})?(?P<day>{_DAY})?")
_STOP_CLASSES = ("v", "p", "c", "u", "r", "y", "w", "d")
_JOINING = frozenset("至 到 和 与 及".split())
_ADVERBS = frozenset(
    "已 已经 共 一共 总共 都 分别 目前 现在 还 又 也 能 将 最 约 大约 可 可以 就 才 曾 累计 预计".split()
)
# Nouns that end the name of a matter; a verb just before one is a part of that name ("引水工程", "修缮项目").
_LONG_HEADS = re.compile(
    r"(?:工程|项目|大会|会议|活动|公司|集团|中心|合作社|医院|学校|大学|中学|小学|图书馆|博物馆|纪念馆|实验室|研究院|研究所|银行|小区|社区|协会|基地|园区|公园|"
    r"开发区|平台|系统|计划|行动|方案|条例|大桥|大厦|铁路|公路|高速|机场|码头|车站|水库|电站|工厂|论坛|展览|展览会|博览会|"
    r"运动会|比赛|大赛|协议|政策|制度)$"
)
_HEADS = re.compile(_LONG_HEADS.pattern.replace(")$", "|节|季|站|馆|桥|港|厂|矿|坑|村|镇|县|市|区|省)$"))


def time_of(text: str) -> str:
    """The first expression of a time in ``text``, or ""."""
    found = (hit.group().strip("的") for hit in _TIME.finditer(text))
    return next((when for when in found if when), "")


def without_time(text: str) -> str:
    """``text`` without its first expression of a time."""
    when = time_of(text)
    return text.replace(when, "", 1).removeprefix("的").strip(" ，,") if when else text


def swap_time(text: str, when: str) -> str:
    """``text`` with its time replaced by ``when``, which takes from it the year that it does not say.

    ``when`` with a year alone keeps the half or the month that was asked about before.
    """
    old = time_of(text)
    if not old:
        return when + text
    new, before = _TIME.fullmatch(when), _TIME.fullmatch(old)
    if new is None or before is None:
        return text.replace(old, when, 1)
    year = new["year"] or before["year"] or ""
    part = new["part"] or ("" if new["day"] and new["year"] else before["part"] or "")
    day = new["day"] or ("" if new["part"] or new["year"] else before["day"] or "")
    return text.replace(old, year + part + day, 1)


@lru_cache(maxsize=1024)
def _words(text: str) -> tuple[tuple[str, str], ...]:
    import jieba.posseg

    return tuple((pair.word, pair.flag) for pair in jieba.posseg.cut(text))


def holds_proper_name(text: str) -> bool:
    """Whether a word of ``text`` is the name of a place, a person, an organisation or a thing."""
    return any(flag in ("ns", "nt", "nr", "nz", "nrt") and len(word) > 1 for word, flag in _words(text))


def holds_name(text: str) -> bool:
    """Whether ``text`` names something: by a proper name, or a matter by its last noun."""
    return holds_proper_name(text) or (len(_words(text)) > 1 and bool(_HEADS.search(text)))


def may_be_name(text: str) -> bool:
    """Whether ``text`` is one word and no noun to the dictionary, which takes 营口 and 大连 for a verb and an adverb."""
    words = _words(text)
    return len(words) == 1 and 2 <= len(text) <= 4 and not words[0][1].startswith(("n", "j", "a", "b"))


def nouns(text: str) -> list[str]:
    """The nouns of ``text``."""
    return [word for word, flag in _words(text) if flag.startswith(("n", "j", "i", "l"))]


def counted_by(text: str) -> tuple[int, int] | None:
    """Where the modifier stands in what is asked about: "货物" of "…的货物吞吐量是多少？"; None where there is none."""
    hit = ASKING_WORDS.search(text)
    runs = noun_runs(text[: hit.start()]) if hit else []
    if not runs:
        return None
    start, end, _ = runs[-1]
    words = _words(text[start:end])
    last = len(words[-1][0])
    return (start, end - last) if len(words) > 1 and last > 1 else None


def leading_place(text: str) -> str:
    """The place that ``text`` begins with, or ""."""
    out = ""
    for word, flag in _words(text):
        if flag != "ns" and not (out and word in ("省", "市", "县", "区")):
            break
        out += word
    return out


def noun_runs(text: str) -> list[tuple[int, int, str]]:
    """``(start, end, class)`` of runs of noun-like words; the class is that of the last word."""
    runs: list[tuple[int, int, str]] = []
    at = 0
    for word, flag in _words(text):
        end = at + len(word)
        if flag.startswith(("n", "vn", "a", "j", "b", "l", "i", "q", "zg")) and flag not in ("ad", "q"):
            if runs and runs[-1][1] == at and runs[-1][2] not in ("ns", "nr"):
                runs[-1] = (runs[-1][0], end, flag)
            else:
                runs.append((at, end, flag))
        at = end
    return [run for run in runs if run[1] - run[0] >= 2]


def entity_of(text: str) -> str:
    """The matter that the question ``text`` asks about: "临河高速" of "临河高速全长多少？"; "" where none is seen.

    It ends before 的, before the verb, or before the last noun where only nouns stand before the asking word.
    """
    clause = re.sub(r"^[^，,]{2,8}(?:说|表示|介绍|认为|透露)[，,]\s*", "", text.strip())
    when = time_of(clause)
    if when and clause.startswith(when):
        clause = clause[len(when) :].removeprefix("的").lstrip("，, ")
    hit = ASKING_WORDS.search(clause)
    head = clause[: hit.start()] if hit else clause.strip("？?。 ")
    inner = time_of(head)
    cut = head.find(inner) if inner and head.find(inner) > 1 else len(head)
    kept: list[tuple[str, str]] = []
    words = _words(clause)
    at = 0
    # Only nouns before the asking word, and nothing but a unit after it.
    bare = cut == len(head) and (hit is None or len(clause[hit.end() :].strip("？?。 ")) <= 2)
    for n, (word, flag) in enumerate(words):
        if at >= cut:
            break
        at += len(word)
        after = words[n + 1][0] if n + 1 < len(words) and at < len(head) else ""
        sofar = "".join(part for part, _ in kept)
        if word == "的" or (after in ("了", "过") and kept):
            bare = False
            break
        if word in ("是", "叫", "为", "有") and kept:
            break
        if (
            word in "，,、；;"
            or word in _ADVERBS
            or (flag == "t" and time_of(word))
            or (flag == "m" and after and after in "年月日")
        ):
            bare = False
            break
        if flag.startswith("vn") and _LONG_HEADS.search(sofar) and not _HEADS.search(after or "x"):
            bare = False
            break
        if (
            flag.startswith(_STOP_CLASSES)
            and not flag.startswith("vn")
            and word not in _JOINING
            and not (flag == "d" and len(word) > 1 and kept)
            and not (after and _HEADS.fullmatch(after))
        ):
            bare = False
            break
        kept.append((word, flag))
    last = kept[-1] if kept else ("", "")
    if bare and len(kept) > 1 and len(last[0]) > 1 and last[1] != "ns" and not _LONG_HEADS.search(last[0]):
        kept.pop()
        while len(kept) > 1 and kept[-1][1] in ("vn", "b", "a"):
            kept.pop()
    out = re.sub(r"(?:每年|一年|年)$", "", "".join(word for word, _ in kept).strip(" ，,、"))
    if len(out) >= 2:
        return out
    runs = (text[a:b] for a, b, kind in noun_runs(text) if kind.startswith(("n", "vn", "j", "z")))
    return next((run for run in runs if not ASKING_WORDS.search(run)), "")
