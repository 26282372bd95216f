"""The looks of the page. Colours work on the light and on the dark theme, so no theme has to be known."""

from ui.marking import Html

# A sheet of newspaper with one line marked; a data address, since an emoji would be fetched from elsewhere.
ICON = (
    "data:image/svg+xml,%3Csvg xmlns='http://www.w3.org/2000/svg' viewBox='0 0 32 32'%3E"
    "%3Crect x='4' y='2' width='24' height='28' rx='3' fill='%23b3261e'/%3E"
    "%3Cpath d='M9 9h14M9 21h14M9 25h9' stroke='%23fff' stroke-width='2'/%3E"
    "%3Cpath d='M9 15h14' stroke='%23ffc53d' stroke-width='4'/%3E%3C/svg%3E"
)

_PAPER_FONT = '"Songti SC","Noto Serif CJK SC","Source Han Serif SC","SimSun",serif'
_PAGE_FONT = '"PingFang SC","Microsoft YaHei","Noto Sans CJK SC","Source Sans",sans-serif'

STYLE = Html(
    f"""<style>
.stApp,.stApp :is(button,input,textarea,label,p){{font-family:"Source Sans",{_PAGE_FONT}}}
.stMainBlockContainer{{padding-top:4.5rem;max-width:50rem}}
[data-testid="stBottomBlockContainer"]{{max-width:50rem;padding-bottom:1.5rem}}
[data-testid="stChatInput"] :focus-within{{border-color:rgba(128,128,128,.65)!important}}
[class^="wb-"]{{overflow-wrap:anywhere;white-space:pre-wrap}}
.wb-name{{font-size:2rem;font-weight:700;letter-spacing:.06em;line-height:1.3}}
.wb-lead{{opacity:.7;line-height:1.7;margin-bottom:1rem}}
.wb-welcome{{margin-top:9vh}}
.wb-label{{font-size:.8rem;opacity:.7;letter-spacing:.04em}}
.wb-asked{{line-height:1.7;scroll-margin-top:5.5rem;max-height:14rem;overflow-y:auto}}
.wb-understood{{font-size:.875rem;opacity:.7;line-height:1.6}}
.wb-answer{{font-size:1.7rem;font-weight:700;line-height:1.4}}
.wb-reason{{font-size:1.15rem;font-weight:600;line-height:1.6}}
.wb-other{{font-size:1.15rem;font-weight:600;line-height:1.5}}
.wb-sure{{font-size:.8rem;opacity:.7;margin-top:.15rem}}
.wb-quote{{border-left:3px solid rgba(128,128,128,.3);padding-left:1rem}}
.wb-paper{{font-family:{_PAPER_FONT};font-size:1.02rem;line-height:1.95}}
.wb-title{{font-weight:600;margin-top:.6rem;line-height:1.5}}
.wb-source{{font-size:.8rem;opacity:.7;line-height:1.6}}
[data-testid="stPopoverBody"]{{min-width:min(26rem,88vw)}}
.stMain button[data-testid*="tertiary"]:is(:hover,:focus-visible,:active,[aria-expanded="true"]),
.stMain .stPopover button:is(:hover,:focus-visible,:active,[aria-expanded="true"])
{{color:inherit;opacity:.75}}
.wb-notice{{border-left:3px solid #d4380d;padding:.3rem 0 .3rem 1rem;line-height:1.8}}
.wb-facts{{font-size:.875rem;line-height:1.9}}
.wb-article{{font-family:{_PAPER_FONT};line-height:1.95}}
.wb-article .wb-part-title{{font-size:1.5rem;font-weight:700;line-height:1.4}}
.wb-article .wb-part-kicker,.wb-article .wb-part-subtitle{{font-weight:600}}
.wb-article .wb-part-subhead{{font-weight:700;margin-top:1rem}}
.wb-article .wb-part-paragraph{{text-indent:2em;margin-top:.5rem}}
.wb-article .wb-part-label,.wb-article .wb-part-byline,.wb-article .wb-part-credit,
.wb-article .wb-part-caption,.wb-article .wb-part-link{{font-size:.875rem;opacity:.7;margin:.3rem 0}}
[class^="wb-"] mark{{background:rgba(255,197,61,.26);color:inherit;padding:0}}
[class^="wb-"] mark.answer{{background:#ffc53d;color:#1f1f1f;font-weight:600;border-radius:2px}}
@media (max-width:640px){{
  .stMainBlockContainer,[data-testid="stBottomBlockContainer"]{{padding-left:1rem;padding-right:1rem}}
  .stMainBlockContainer{{padding-bottom:2rem}}
  [data-testid^="stChatMessageAvatar"]{{display:none}}
  .wb-welcome{{margin-top:0}}
  .wb-answer{{font-size:1.45rem}} .wb-quote{{padding-left:.75rem}}
}}
</style>"""
)

# Constants of our own, never made from a text: they bring the marked words of an article, or the newest
# question, into view.
SCROLL_TO_MARK = Html(
    "<script>setTimeout(() => (document.querySelector('.wb-article mark.answer')"
    " || document.querySelector('.wb-article mark'))?.scrollIntoView({block: 'center'}), 150)</script>"
)
SCROLL_TO_NEWEST = Html(
    "<script>for (const wait of [100, 400, 900]) setTimeout(() => "
    "[...document.querySelectorAll('.wb-asked')].pop()?.scrollIntoView({block: 'start'}), wait)</script>"
)
