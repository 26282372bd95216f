"""Columns: sentences cut by them, pieces that changed places, lines that only look like something else."""

from qa.articles import PageLayout, split_articles
from qa.documents import document_of


def read(text: str) -> PageLayout:
    return split_articles(document_of(text, "a.txt", "utf-8", ""))


def test_the_rest_of_a_paragraph_printed_before_its_beginning() -> None:
    (article,) = read(
        "老桥秋天动工\n\n本报讯 老桥建于六十年前。\n\n作人员每天测量桥墩两次。\n\n为了摸清情况，市交通局的工\n\n"
        "据介绍，修好以后能通行重车。\n"
    ).articles
    assert article.text.split("\n") == [
        "本报讯 老桥建于六十年前。",
        "为了摸清情况，市交通局的工作人员每天测量桥墩两次。",
        "据介绍，修好以后能通行重车。",
    ]


def test_paragraphs_that_are_whole_stay_where_they_are() -> None:
    body = ["本报讯 老桥建于六十年前。", "工作人员每天测量桥墩两次。", "修好以后能通行重车，工期为一年。"]
    (article,) = read("老桥秋天动工\n\n" + "\n\n".join(body) + "\n").articles
    assert article.text.split("\n") == body


def test_the_last_line_of_a_column_is_no_page_number() -> None:
    layout = read(
        "老桥秋天动工\n\n本报讯 老桥今年秋天动工，市交通局\n的工程师说，全部费用为一千二百万\n元，工期为一年，明年国庆节前可以\n"
        "通车，从前绕行的三十路公交车将恢\n复原来的路线，乘客可以少走\n600\n米的路程。（下转第\n五版）\n"
    )
    (article,) = layout.articles
    assert not layout.set_aside
    assert article.text.endswith("（下转第五版）")


def test_a_number_cut_in_two_is_no_page_number() -> None:
    layout = read("老桥秋天动工\n\n本报讯 老桥共有桥墩九个。\n2\n\n022年，老桥换过一次桥面。\n")
    assert not layout.set_aside
    assert "2022年，老桥换过一次桥面。" in layout.articles[0].text


def test_a_few_characters_set_apart_name_a_column_of_the_paper() -> None:
    (article,) = read("街谈\n\n旧仓库里开出一家书店\n\n本报讯 书店昨日开门。\n").articles
    assert (article.label, article.title) == ("街谈", "旧仓库里开出一家书店")
    (article,) = read("市总工会\n把旧仓库改成职工书屋\n\n本报讯 书屋昨日开门。\n").articles
    assert article.title == "市总工会 把旧仓库改成职工书屋"


def test_a_headline_may_end_in_a_noun_with_a_word_that_dangles_elsewhere() -> None:
    (article,) = read("坚决惩处矿山瞒报行为\n\n本报讯 昨日有关部门公布了结果。\n").articles
    assert article.title == "坚决惩处矿山瞒报行为"


def test_names_parted_where_the_line_was_wrapped() -> None:
    lines = [
        "本报青川5月8日电 记者卫晨秋",
        " 章娜报道 老桥今年秋天动工，明",
        "年国庆节前可以通车，从前绕行的",
        "三十路公交车将恢复原来的路线，",
    ]
    lines += [
        "乘客可以少走六百米的路，老桥建",
        "于六十年前，去年冬天检查时发现",
        "桥墩有裂缝，当时只好限行重车。",
    ]
    (article,) = read("老桥秋天动工\n\n" + "\n".join(lines) + "\n").articles
    assert article.byline == ("卫晨秋", "章娜")
    assert article.text.count("\n") == 0


def test_a_dash_that_begins_a_wrapped_line_is_no_subtitle() -> None:
    lines = [
        "本报讯 老桥今年秋天动工，市交通",
        "局的工程师说，这座建于六十年前",
        "——当时全县只有三座桥的地方的石",
        "桥，明年国庆节前可以通行重车，",
    ]
    lines += [
        "从前绕行的三十路公交车将恢复原",
        "来的路线，乘客可以少走六百米路",
        "，也不必再等红灯，过桥的行人另",
        "有一条两米宽的步道。",
    ]
    (article,) = read("老桥秋天动工\n\n" + "\n".join(lines) + "\n").articles
    assert article.subtitle is None
    assert article.text == "".join(lines)
