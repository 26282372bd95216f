"""Mastheads: what a newspaper prints over its pages about itself - its name, the date, the page, the issue.

A masthead is recognised by what it is made of: every piece of the line is one of these things and nothing is left
over. So a headline that ends like a newspaper's name (省审计厅公布审计报告) or begins with a date (2020年1月1日起施行) is none.
"""

from __future__ import annotations

import re
from dataclasses import dataclass

_KINDS = (
    "日 晚 早 晨 午 时 時 商 都市 青年 法制 法治 工人 农民 農民 导 導 快 周 週 周末 新 画 畫 消费者 教育 科技 科学 体育 文艺 文化 文学 "
    "艺术 电视 广播 健康 卫生 医药 经济 財經 财经 证券 金融 保险 交通 铁道 邮电 石油 电力 煤炭 检察 公安 警察 消防 老年 少年 妇女 "
    "儿童 学生 农村 乡村 环境 旅游 民族 政协 税务 质量 食品 气象 海洋 建设 建筑 劳动 生活 信息 资源 水利 林业 绿色 移民 侨 侨乡 解放军"
).split()
# Longest first, or 周 would leave 末 over.
_KIND = "|".join(sorted(_KINDS, key=len, reverse=True))
_SUFFIX = rf"(?:(?:{_KIND})[报報]|周刊|週刊|参考消息|每日电讯)"
# "本报" and "该报" point to a newspaper without naming it.
_NOT_NAMED = r"(?!本报|该报|本報|該報|日报|晚报|日報|晚報)"
PAPER = re.compile(rf"{_NOT_NAMED}[\u4e00-\u9fff]{{1,10}}?(?:{_SUFFIX}|[报報])(?![\u4e00-\u9fff])")
_NAMED = re.compile(rf"{_NOT_NAMED}[\u4e00-\u9fff]{{1,10}}(?:{_SUFFIX})|[\u4e00-\u9fff]{{1,6}}[报報]")
# By itself a name is short and has no verb: 市政府发布空气质量周报 is news.
_ALONE = re.compile(rf"{_NOT_NAMED}[\u4e00-\u9fff]{{1,6}}{_SUFFIX}")
_VERB = re.compile(
    r"发布|發布|公布|推出|刊登|刊发|创刊|走进|征订|改版|入选|登上|荣登|编制|印发|举办|汇报|通报|上报|申报|举报|预报|海报"
)

ISO = re.compile(r"(?<!\d)((?:19|20)\d\d)\s*[-/.年]\s*(\d{1,2})\s*[-/.月]\s*(\d{1,2})(?!\d)")
COMPACT = re.compile(r"(?<!\d)((?:19|20)\d\d)(0[1-9]|1[0-2])(0[1-9]|[12]\d|3[01])(?!\d)")
CHINESE = re.compile(
    r"([一二][〇○零一二三四五六七八九]{3})年([一二三四五六七八九十]{1,2})月([一二三四五六七八九十]{1,3})日"
)
PAGE = re.compile(r"第?\s*([0-9０-９]{1,3}|[一二三四五六七八九十]{1,3}|[A-Z]\d{1,2})\s*版(?!式)")
_DATE = rf"(?:{ISO.pattern}日?|{COMPACT.pattern}|{CHINESE.pattern})(?:\s*\d{{1,2}}:\d\d(?::\d\d)?)?"
_NUMBER = "[0-9０-９一二三四五六七八九十百千万〇零]"
_SECTION = (
    "要闻|综合|时政|国内|国际|本地|经济|财经|社会|民生|文化|体育|教育|健康|科技|法治|农业|副刊|专题|专版|特刊|广告|评论|理论|深度|观察|视点|"
    "焦点|人物|旅游|生活|娱乐|汽车|房产|金融|影像|头版|新闻"
)
_STAFF = (
    "责任编辑|本版编辑|责编|本版责编|编辑|版式设计|版式|本版设计|美术编辑|美编|校对|本版校对|组版|检校|视觉|视觉设计|制图|"
    "值班编委|值班主任|值班总编|值班总编辑|执行主编|主编|总编辑|审读|统筹|监制|终审|一审|二审|三审|初审|复审|电子邮箱"
)
_NAMES = (
    r"[\u4e00-\u9fff]{2,4}(?:[、，,/ 　]+[\u4e00-\u9fff]{2,4}(?![:：/]))*|[\u4e00-\u9fff][ 　][\u4e00-\u9fff]"
)
# A date and a page say most; what else mastheads print tells a masthead from a date that stands somewhere.
_FIELDS = tuple(
    (name, re.compile(pattern))
    for name, pattern in (
        ("staff", rf"(?:{_STAFF})(?:\s*[:：/]\s*|[\s　]+)(?:{_NAMES})"),
        ("date", _DATE),
        ("weekday", r"[星周週]?期?(?<=[期周週])[一二三四五六日天]|[A-Z][a-z]*day\b|[A-Z]+DAY\b"),
        (
            "lunar",
            r"(?:[农農夏][历曆])?[甲乙丙丁戊己庚辛壬癸][子丑寅卯辰巳午未申酉戌亥]年(?:[闰閏]?[正一二三四五六七八九十冬腊臘]{1,2}月)?"
            r"(?:[初十廿卅]?[一二三四五六七八九十]{1,2})?"
            r"|[农農][历曆](?:[闰閏]?[正一二三四五六七八九十冬腊臘]{1,2}月)?(?:[初十廿卅]?[一二三四五六七八九十]{1,2})?",
        ),
        (
            "issue",
            rf"(?:今日|本期|本报今日|共)\s*[共]?\s*{_NUMBER}+\s*版|(?:总|總|新)?第?\s*{_NUMBER}+\s*[期号號]|第\s*{_NUMBER}+\s*卷",
        ),
        (
            "register",
            r"(?:国内统一)?(?:连续出版物号|刊号)?\s*[:：]?\s*CN\s*\d\d\s*[-—]\s*\d{4}|(?:邮发)?代号\s*[:：]?\s*\d+\s*[-—]\s*\d+",
        ),
        ("price", r"(?:零售价?|定价|每份|售价)\s*[:：]?\s*[\d.]+\s*元"),
        (
            "contact",
            r"(?:网址|电话|热线|新闻热线|传真|邮编|邮箱|E-?mail)\s*[:：]\s*[\w.:/@-]+|(?:https?://|www\.)[\w./-]+",
        ),
        ("page", rf"{PAGE.pattern}|^\W*(?:[A-D]\d{{1,2}}|0\d)(?=[\s:：·|｜])"),
    )
)
_BETWEEN = re.compile(r"[\s|｜·•—\-:：/,，。、()（）【】\[\]■□◆●○★▲▼　]+")
_SPACED = re.compile(r"(?:\S\s+){2,}\S")
_FILLERS = frozenset("数字报 电子报 数字版 电子版 电子版面 出版 主办 报社 版面".split())
_LONGEST = 110
# The lines at the top of a page among which mastheads stand.
MASTHEAD_LINES = 6


@dataclass(frozen=True, slots=True)
class Masthead:
    """What a line is made of, where it is made of nothing but what mastheads say about the newspaper itself."""

    name: str | None
    fields: frozenset[str]
    spaced: bool = False

    @property
    def certain(self) -> bool:
        """Whether the line is a masthead wherever it stands; others need the place: the top of a page.

        A date by itself may sign an article, a telephone number may end a notice.
        """
        if self.name is not None and (self.fields or (self.spaced and _stands_alone(self.name))):
            return True
        return self.name is None and (
            bool(self.fields & {"page", "staff", "register"}) or len(self.fields - {"contact", "price"}) > 1
        )

    @property
    def placed(self) -> bool:
        """Whether the line is a masthead where mastheads stand."""
        if self.name is not None:
            return self.certain or _stands_alone(self.name)
        return self.certain or bool(self.fields - {"contact", "price"})


def _stands_alone(name: str) -> bool:
    return bool(_ALONE.fullmatch(name)) and not _VERB.search(name)


def masthead(line: str) -> Masthead | None:
    """The masthead that ``line`` may be; None where anything is left over once its pieces are named."""
    if len(line) > _LONGEST:
        return None
    # A banner set wide (云 川 日 报) says what it says without the blanks.
    spaced = bool(_SPACED.fullmatch(line.strip()))
    rest = "".join(line.split()) if spaced else line
    fields = set()
    for name, pattern in _FIELDS:
        rest, count = pattern.subn("\n", rest)
        if count:
            fields.add(name)
    pieces = [piece for piece in _BETWEEN.sub("\n", rest).split("\n") if piece]
    if "page" in fields or "issue" in fields:
        # Only beside a page number is 要闻 the name of a page.
        pieces = [piece for piece in pieces if not re.fullmatch(f"(?:{_SECTION}){{1,2}}", piece)]
    pieces = [piece for piece in pieces if piece not in _FILLERS]
    if not pieces:
        return Masthead(None, frozenset(fields)) if fields else None
    if len(pieces) > 1 or not _NAMED.fullmatch(pieces[0]) or (fields and _VERB.search(pieces[0])):
        return None
    return Masthead(pieces[0], frozenset(fields), spaced)


def is_masthead(line: str, placed: bool = False) -> bool:
    """Whether ``line`` is a masthead: newspaper, date, weekday, page, issue, editors - never a sentence or a headline.

    ``placed``: it stands where mastheads stand (among the first lines, or on the page again and again), so that a
    name or a date by itself is enough.
    """
    found = masthead(line)
    return found is not None and (found.placed if placed else found.certain)
