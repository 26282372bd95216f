"""Pages made from real articles, whose truth is known: how well pages are cut into articles.

corpus.py  articles of a news sample     words.py    headlines, names, places: none of them known to the rules
page.py    an article, a page, the truth  troubles.py what layouts do to them      scoring.py  the figures
"""
