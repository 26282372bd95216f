"""Document -> articles: what stands on a newspaper page, read as a person reads it.

lines.py     what each line looks like          blocks.py   wrapped lines put together
headings.py  label, kicker, headline, subtitle  bylines.py  who wrote it
repeats.py   paragraphs printed twice           joining.py  sentences that the layout cut
page.py      all of it: split_articles    links.py  pieces on several pages of an issue
"""

from qa.articles.links import linked
from qa.articles.page import PageLayout, Repair, SetAside, split_articles

__all__ = ["PageLayout", "Repair", "SetAside", "linked", "split_articles"]
