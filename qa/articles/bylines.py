"""Who wrote it: bylines in their many shapes, and the names in them."""

from __future__ import annotations

import re

_ROLE = (
    r"(?:(?:本报|本刊|新华社|特约|见习|实习|首席|驻[\u4e00-\u9fff]{2,4})+(?:全媒体|融媒体?|新媒体)?"
    r"(?:记者|通讯员|特派员|评论员|撰稿人?|摄影记者)"
    # By itself the word may begin a headline (记者走基层); a byline sets it apart.
    r"|(?:记者|通讯员|特派员|评论员|撰稿|摄影|作者|编译)(?=[\s:：]))"
)
_WORK = (
    r"(?:文并?[/、]?[摄图]|[文图]\s*[/／:：]|[文图片]{1,3}|摄影?报道|采写|综合报道|报道|整理|供稿|摄影|摄|绘)"
)
_NAME = r"[\u4e00-\u9fff·]{2,4}|[\u4e00-\u9fff][ 　][\u4e00-\u9fff]"
_NAMES = rf"(?:{_NAME})(?:[\s、，,/·]+(?:{_NAME}))*"
_BYLINE = re.compile(
    rf"^[□■◎●○\s（(]*(?:(?:{_NAMES})[\s]*)?(?:{_ROLE})[\s:：/]*(?:{_NAMES})?"
    rf"(?:[\s、，,/]+{_NAMES}|[\s、，,/]*{_ROLE}[\s:：/]*{_NAMES})*[\s/]*(?:{_WORK})?[）)\s]*$"
)
_SLASHED = re.compile(
    rf"^[（(\s]*(?:[文图]|撰文|摄影|图片)\s*[/／:：]\s*{_NAMES}(?:\s*(?:[文图]|摄影|图片)\s*[/／:：]\s*{_NAMES})*[）)\s]*$"
)
_BOXED = re.compile(rf"^[□■◎●○]\s*{_NAMES}$")
_SIGNED = re.compile(rf"^[（(\s]*{_NAMES}\s*(?:文并[摄图]|文\s*[/／]\s*[图摄]|[图摄]\s*[/／]\s*文)[）)\s]*$")
_CREDIT = re.compile(rf"^[（(\s]*(?:(?:{_ROLE})[\s:：]*)?(?:{_NAMES})\s*(?:摄影?|绘|/摄|制图)[）)\s。]*$")
_SUPPLIED = re.compile(r"^[（(\s]*[^，。；！？\s]{2,24}\s*(?:提供|供图|资料图片?)[）)\s。]*$")
# "来源：云川日报 2023-05-06 作者：王小明", as web pages print it: fields and a date, nothing else.
_FIELD = r"(?:稿源|来源|发布时间|时间|日期|作者|记者|通讯员|编辑|责任编辑|责编|浏览次数|阅读次数|浏览量|阅读|点击)\s*[:：]\s*"
_MOMENT = r"(?:19|20)\d\d\s*[-/.年]\s*\d{1,2}\s*[-/.月]\s*\d{1,2}日?(?:\s*\d{1,2}:\d\d(?::\d\d)?)?"
_VALUE = rf"(?:{_MOMENT}|(?!{_FIELD})[^\s:：，。|｜]{{1,20}})"
_SOURCED = re.compile(
    rf"^(?=.*(?:来源|稿源|作者|时间|日期)\s*[:：])"
    rf"(?:[\s|｜]*(?:{_FIELD}{_VALUE}?(?:[ 、]{_NAMES}(?!\s*[:：]))?|{_MOMENT}))+[\s|｜]*$"
)
_AUTHORS = re.compile(rf"(?:作者|记者|通讯员)\s*[:：]\s*(?:本报记者\s*)?({_NAMES})(?!\s*[:：])")
_LEAD_ROLE = r"(?:本报|特约|见习|实习|首席|全媒体|融媒体?)*(?:记者|通讯员|特派员)"
_LEAD_NAMES = re.compile(
    rf"^[【\[（(]?(?:本报讯|本报\S{{0,14}}[讯电]|[^，。]{{0,12}}讯)?[】\]）)]?\s*[（(]?\s*(?P<body>{_LEAD_ROLE}[\s:：]*[^。，；“”]{{2,40}}?)\s*"
    r"(?:文并?摄|摄影?报道|报道|采写|[）)])"
)
_NOT_NAMES = re.compile(
    rf"{_LEAD_ROLE}|评论员|撰稿人?|作者|编译|本刊|新华社|文并摄|文并图|摄影报道|综合报道|图片报道|报道|采写|整理|供稿|摄影|撰文|图片|制图|[（()）□■◎●○/／:：]|(?<![\u4e00-\u9fff])[文图摄绘](?![\u4e00-\u9fff])|文并?摄$|图?摄$|(?<=[\u4e00-\u9fff]{4})[文图]$"
)


def is_byline(text: str) -> bool:
    """Whether ``text`` is nothing but names with the roles and the work of reporters."""
    if len(text) <= 100 and _SOURCED.match(text):
        return True
    return len(text) <= 60 and bool(
        _BYLINE.match(text) or _SLASHED.match(text) or _BOXED.match(text) or _SIGNED.match(text)
    )


def is_credit(text: str) -> bool:
    """Whether ``text`` says who took or supplied a picture, and nothing else."""
    return len(text) <= 40 and bool(_CREDIT.match(text) or _SUPPLIED.match(text))


def names_in(text: str) -> list[str]:
    """The names of a byline or a credit, spaces inside a name removed; none where a body supplied the picture."""
    if _SUPPLIED.match(text):
        return []
    if _SOURCED.match(text):
        text = "、".join(hit.group(1) for hit in _AUTHORS.finditer(text))
    parts = [part for part in re.split(r"[\s、，,]+", _NOT_NAMES.sub(" ", text)) if part]
    out: list[str] = []
    held = ""
    for part in parts:
        if held:
            out.append(held + part) if len(part) == 1 else out.append(part)
            held = ""
        elif len(part) == 1:
            held = part
        else:
            out.append(part)
    return list(dict.fromkeys(name for name in out if re.fullmatch(r"[\u4e00-\u9fff·]{2,8}", name)))


def names_in_lead(text: str) -> list[str]:
    """The names in the lead of a report: "本报讯 记者张三 李四报道 …"."""
    hit = _LEAD_NAMES.match(text[:80])
    return names_in(hit.group("body")) if hit else []
