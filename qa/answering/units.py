"""Units: whether an answer counts what the question asks for ("几起" is not answered by "62个项目")."""

from __future__ import annotations

import re
from functools import lru_cache

from qa.folding import fold

# Measure words that stand for one another when a question is asked in other words than the paper's.
_GROUPS: tuple[str, ...] = (
    "人 名 位 人次 口",
    "家 个 所 座 处",
    "项 个 件 条 种 类 款 门 批",
    "起 件 宗 例 个",
    "次 趟 回 场 届 人次 台次 批次 架次",
    "户",
    "天 日 周 星期",
    "年 岁 周年",
    "月 个月",
    "小时 分钟 秒 分",
    "元 美元 欧元 日元 港元 钱 块 块钱",
    "公里 千米 米 厘米 毫米 里",
    "亩 平方米 平方公里 公顷 平方千米 平",
    "吨 公斤 千克 克 斤",
    "千瓦时 度",
    "千瓦 兆瓦 吉瓦 万千瓦",
    "立方米 升 毫升",
    "% 倍 成 百分点 个百分点",
    "辆 台 艘 架 列",
    "套 间 栋 幢 层",
    "株 棵 头 只",
    "支 根 只 枚",
    "道 项 个 步",
    "篇 首 部 幅 期",
    "张 份 本 册 枚",
    "度 ℃",
    "分 名 位 级",
)
_UNITS = sorted({unit for group in _GROUPS for unit in group.split()}, key=len, reverse=True)
_UNIT = "|".join(map(re.escape, _UNITS))
_SCALE = "[十百千万亿]*(?:多|余)?[十百千万亿]*"
_NUMERAL = r"(?:\d[\d,]*(?:\.\d+)?|[一二三四五六七八九十百千两半]+)"
_ASKED = re.compile(rf"(?:多少|几)(?:[十百千万亿]+)?({_UNIT})")
_GIVEN = re.compile(rf"{_NUMERAL} ?{_SCALE} ?({_UNIT})")
# Ways to ask for a quantity without its measure word, and the units that answer them.
_IMPLIED: tuple[tuple[re.Pattern[str], str], ...] = (
    (
        re.compile(
            r"(?:增长|增加|提高|上升|下降|减少|降低|增幅|多|少)了?(?:多少|几)(?!\w?[元人名个家吨])|百分之|比例|占比|比重|增速|增幅|同比"
        ),
        "%",
    ),
    (re.compile(r"多久|多长时间|几天"), "天 小时 月 年"),
    (re.compile(r"多[深高远宽长]"), "米"),
    (re.compile(r"多重"), "吨"),
    (re.compile(r"多少电|[用发]电量"), "千瓦时"),
    (re.compile(r"(?:花|投|赔|赚|挣|卖|收)(?:了|出|入|资)?(?:多少|几何)(?!\w?[人名个家])"), "元"),
)


def _group(unit: str) -> frozenset[str]:
    return frozenset(other for group in _GROUPS for other in group.split() if unit in group.split())


@lru_cache(maxsize=4096)
def asked_units(question: str) -> frozenset[str]:
    """The units that an answer to ``question`` (folded) can have; empty where it does not say."""
    units: list[str] = []
    for hit in _ASKED.findall(question):
        units += [hit, "人"] if hit == "个" else [hit]  # 个 counts people too
    units += [unit for pattern, implied in _IMPLIED if pattern.search(question) for unit in implied.split()]
    return frozenset().union(*map(_group, units))


def quantities(text: str) -> list[tuple[tuple[int, int], str]]:
    """``((start, end), unit)`` of the quantities of ``text`` that have a unit; full-width forms are not read."""
    return [(hit.span(), hit.group(1)) for hit in _GIVEN.finditer(text)]


def unit_fit(question: str, answer: str) -> int:
    """1 where the first quantity of ``answer`` has a unit that ``question`` asks for, -1 where it has another.

    0 where the question names no unit, or where the answer states no quantity with one.
    """
    asked = asked_units(question)
    if not asked:
        return 0
    given = _GIVEN.search(fold(answer))
    if given is None:
        return 0
    return 1 if given.group(1) in asked else -1
