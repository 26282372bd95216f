"""What belongs to a web page or a page's layout and says nothing itself: navigation, pictures, rules, notices.

A line is furniture only where all of it is: a headline may begin with the same words (返回舱安全着陆, 点击就能办社保).
"""

from __future__ import annotations

import re

_MEDIA = (
    "微信|微信好友|朋友圈|新浪微博|新浪|腾讯微博|微博|QQ好友|QQ空间|QQ|人人网|豆瓣|抖音|今日头条|邮箱|手机|复制链接|"
    "更多|二维码|facebook|twitter"
)
_THING = (
    "新闻|更多|全文|原文|大图|详情|链接|专题|下载|视频|音频|图集|图片|内容|精彩|公众号|微信|微博|客户端|APP|app|小程序|我们|一下|H5|"
    "数字报|电子报|官方网站|官网|评论|留言|订阅|分享"
)
_LOOK = "查看|阅读|浏览|收听|观看|收看|看|听|读|关注|下载|进入|了解|获取|分享|打开|放大|参与|加入|订阅"
_SCAN = r"(?:请|微信|手机)?(?:扫码|扫一扫|扫描|长按|识别)"
_NAVIGATION = re.compile(
    r"(?:"
    r"返回(?:首页|顶部|列表|目录|主页|上一?[页级层]|电子报|数字报|频道|本版|版面)?"
    r"|(?:首页|上一?[篇版页期条]|下一?[篇版页期条]|上一[篇条]文章|下一[篇条]文章|前一[篇版页]|后一[篇版页])(?:\s*[:：]\s*.{1,60}|\s*[>＞»]*)"
    rf"|点击\s*(?:此处|这里|图片|标题|上方|下方|左[上下]角|右[上下]角|蓝字|链接|\S{{0,4}})?\s*(?:{_LOOK})(?:.{{0,8}}(?:{_THING}))?\s*[>＞»]*"
    rf"|{_SCAN}\s*(?:上方|下方|左侧|右侧|图中|本版|右方|左方)?(?:小程序码|二维码)?[，,\s]*(?:(?:{_LOOK}).{{0,10}}(?:{_THING})|(?:{_LOOK})|上方|二维码)?"
    rf"|分享[到至]?\s*[:：]?\s*(?:(?:{_MEDIA})[\s、|/]*)*"
    r"|(?:字号|字体)(?:大小)?\s*[:：]?\s*[\[【(（]?(?:[大中小+＋\-－—TtAa放缩默认加减\s|/]|超大|特大)*[\]】)）]?"
    r"|打印(?:本页|本稿|文章)?|收藏(?:本文|本页)?|纠错|我要(?:评论|纠错|分享)|网友评论|关闭(?:窗口|本页)?|相关(?:阅读|新闻|报道|文章)\s*[:：]?\s*[>＞»]+"
    r"|[上下]一篇\s+.{1,60}|大\s*中\s*小"
    r"|(?:[【\[（(]?(?:打印|关闭|收藏|纠错|举报|分享|推荐|点赞)(?:本页|本文|窗口)?[】\]）)]?[\s|｜/]*){2,}"
    r"|(?:登录|注册|登录注册|退出|搜索|设为首页|加入收藏|手机版|电脑版|旧版|PDF版?|下载PDF|版面导航|标题导航|版面目录|往期回顾|往期|报纸检索)"
    r")[\s。！!>＞»|]*"
)
# 您的位置：首页 > 新闻 > 本地. No headline has two of these marks, or one after 首页.
_CRUMB = r"[^\s>›»＞/，。：:（）()]{1,12}"
_BREADCRUMBS = re.compile(
    rf"(?:(?:您|你)?(?:现在|当前|目前|所在)?的?(?:位置|所在位置)(?:是|在)?\s*[:：]?\s*)?"
    rf"(?:{_CRUMB}(?:\s*[>›»＞]+\s*{_CRUMB}){{2,7}}|{_CRUMB}\s*[>›»＞]+\s*正文|首页(?:\s*[>›»＞/|-]+\s*{_CRUMB}){{1,7}}|(?:您|你)?(?:现在|当前|目前)?的?位置\s*[:：].{{1,60}})"
    r"\s*[>›»＞]*\s*"
)
_NOTICE = re.compile(
    r"(?:版权(?:所有|声明)(?=$|[\s:：,，!！©]|翻印|不得|严禁|未经|请勿)|copyright\b|©"
    r"|(?:未经|非经)\S{0,14}(?:授权|许可|同意|允许)\S{0,2}(?:不得|严禁|禁止|请勿|谢绝)"
    r"|\S{1,4}ICP[备证]|\S公网安备|(?:增值)?电信业务经营许可证|互联网(?:新闻)?信息服务许可|违法和不良信息举报|转载请注明).{0,80}",
    re.IGNORECASE,
)
_LAYOUT = re.compile(
    r"!?\[[^\]]*\]\([^)]*\)|<img[^>]*>|[-=_*·~—－―─━\s|:：+#※☆★◇◆○●□■]{3,}|\|(?:\s*:?-{2,}:?\s*\|)+|"
    r"第?\s*\d{1,3}\s*版?|[—\-]\s*\d{1,3}\s*[—\-]|https?://\S+|第\s*\d{1,3}\s*页(?:\s*[/，,]?\s*共\s*\d{1,3}\s*页)?"
)


def is_furniture(text: str) -> bool:
    """Whether all of ``text`` is navigation, a picture's address, a rule, a page number or a notice of rights."""
    if _LAYOUT.fullmatch(text):
        return True
    return bool(
        len(text) <= 100
        and (_NAVIGATION.fullmatch(text) or _BREADCRUMBS.fullmatch(text) or _NOTICE.fullmatch(text))
    )
