"""Fields as tasks, annotations as corrections: without a server."""

from __future__ import annotations

import re
from dataclasses import replace
from xml.etree import ElementTree

import pytest
from support.builders.book import KS, made_record, made_result

from ocrfill.document.result import Alternative, Character, Issue, Reading
from ocrfill.layouts import load_layout
from ocrfill.layouts.fields import Choice, Text, Tick
from ocrfill.review.field_view import frames_of, marks_of, options_of
from ocrfill.review.labeling_config import screen
from ocrfill.review.tasks import DoubtedField, PagePicture, task_of
from ocrfill.review.translations import SCREEN_TEXTS

PICTURE = PagePicture("/data/upload/1/abc-page.jpg", 1000, 1400)

DOUBT = DoubtedField(
    key="7",
    label="Họ và tên",
    page_name="0001.jpg",
    record=None,
    prefilled="Lê <b> Ba",
    marks=frozenset({0, 3}),
    options=("Lê Thị Ba", "Lê <b> Ba", "Lê Bà"),
    closed=False,
    issues=(Issue("date.words", "Ngày bằng chữ là 26/6/1948"),),
    frames=((0.2, 0.5, 0.6, 0.52),),
)


@pytest.mark.parametrize("language", ["vi", "en"])
def test_the_screen_is_well_formed_and_speaks_its_language(language):
    root = ElementTree.fromstring(screen(language))
    named = {e.get("name"): e for e in root.iter() if e.get("name")}
    assert {"sheet", "pick", "typed", "state", "page"} <= set(named)
    assert named["typed"].get("value") == "$prefilled"
    states = {e.get("alias"): (e.get("value"), e.get("hotkey")) for e in named["state"]}
    words = SCREEN_TEXTS[language]
    assert states == {
        "unreadable": (words.unreadable, "z"),
        "wrongly_cut": (words.wrongly_cut, "c"),
        "blank": (words.blank, "x"),
    }
    assert "${" not in screen(language)


def test_a_task_shows_value_options_issue_and_place_and_nothing_of_doubt_or_purpose():
    data = task_of(DOUBT, PICTURE, SCREEN_TEXTS["vi"])["data"]
    assert set(data) == {"key", "prefilled", "html", "options", "page"}
    assert data["key"] == "7"
    assert data["prefilled"] == "Lê <b> Ba"
    assert [(o["value"], o["hotkey"], o.get("selected", False)) for o in data["options"]] == [
        ("Lê <b> Ba", "1", True),
        ("Lê Thị Ba", "2", False),
        ("Lê Bà", "3", False),
    ]
    assert data["options"][0]["html"] == "<mark>L</mark>ê <mark>&lt;</mark>b&gt; Ba"
    assert "Ngày bằng chữ là 26/6/1948" in data["html"]
    assert "trang 0001.jpg" in data["html"]
    assert "left:20.00%;top:50.00%;width:40.00%;height:2.00%" in data["page"]
    assert PICTURE.url in data["html"]
    assert PICTURE.url in data["page"]


def test_the_pieces_to_the_letter():
    """No space between them, which the page would show."""
    doubt = replace(DOUBT, frames=((0.2, 0.5, 0.6, 0.52), (0.1, 0.6, 0.3, 0.62)))
    data = task_of(doubt, PICTURE, SCREEN_TEXTS["vi"])["data"]
    assert data["html"] == (
        '<div class="what">Họ và tên<small>trang 0001.jpg</small></div>'
        '<div class="issue">Ngày bằng chữ là 26/6/1948</div>'
        '<div class="crop" style="width:734px;aspect-ratio:550.4/210.0">'
        '<img src="/data/upload/1/abc-page.jpg" style="width:181.69%;left:-13.59%;top:-323.33%;"/>'
        '<div class="here" style="left:22.75%;top:10.00%;width:72.67%;height:13.33%;"></div>'
        '<div class="here" style="left:4.58%;top:76.67%;width:36.34%;height:13.33%;"></div></div>'
    )
    assert data["page"] == (
        '<details class="page"><summary>Cả trang (phím P)</summary>'
        '<div class="sheet"><img src="/data/upload/1/abc-page.jpg" loading="lazy"/>'
        '<div class="here" style="left:20.00%;top:50.00%;width:40.00%;height:2.00%;"></div>'
        '<div class="here" style="left:10.00%;top:60.00%;width:20.00%;height:2.00%;"></div></div></details>'
    )


def test_whatever_stands_on_a_page_or_in_a_layout_is_shown_and_not_obeyed():
    evil = "</div><script>1</script>\"'&"
    doubt = replace(
        DOUBT, label=evil, page_name=evil, prefilled=evil, options=(evil + "2",), issues=(Issue("x", evil),)
    )
    words = replace(SCREEN_TEXTS["vi"], page=evil, record=evil, whole_page=evil)
    data = task_of(replace(doubt, record=3), PagePicture(evil, 1000, 1400), words)["data"]
    for piece in (data["html"], data["page"], *(option["html"] for option in data["options"])):
        assert "&lt;/div&gt;" in piece.replace("<mark>", "").replace("</mark>", "")
        assert not re.search("<script|\"'|&(?!#?\\w+;)", piece)


def test_the_options_of_a_closed_list_keep_their_keys():
    whole = ("Nam", "Nữ", "Không xác định")
    for read, chosen in (("Nữ", "2"), ("Niê", "4"), ("", None)):
        doubt = replace(DOUBT, prefilled=read, options=whole, closed=True, marks=frozenset())
        options = task_of(doubt, PICTURE, SCREEN_TEXTS["vi"])["data"]["options"]
        assert [(o["value"], o["hotkey"]) for o in options][:3] == [(v, str(i)) for i, v in enumerate(whole, 1)]
        assert next((o["hotkey"] for o in options if o.get("selected")), None) == chosen


def test_the_crop_holds_the_field_with_something_around_it():
    html = task_of(DOUBT, PICTURE, SCREEN_TEXTS["en"])["data"]["html"]
    width, across, down = re.search(r"width:(\d+)px;aspect-ratio:([\d.]+)/([\d.]+)", html).groups()
    assert float(across) > 0.4 * PICTURE.width
    assert float(down) > 0.02 * PICTURE.height
    assert float(width) <= 1120
    left, top = map(float, re.search(r"left:(-?[\d.]+)%;top:(-?[\d.]+)%;\"/>", html).groups())
    assert left < 0
    assert top < 0
    # the line is drawn within the crop
    line = re.search(r"here\" style=\"left:([\d.]+)%;top:([\d.]+)%;width:([\d.]+)%;height:([\d.]+)%", html).groups()
    x, y, w, h = map(float, line)
    assert 0 < x < x + w < 100
    assert 0 < y < y + h < 100


@pytest.mark.parametrize(("turned", "place"), [(0, (0, 0)), (90, (1, 0)), (180, (1, 1)), (270, (0, 1))])
def test_a_field_in_the_corner_of_the_scan_comes_to_the_right_corner_when_turned(turned, place):
    layout = load_layout(KS.layout)
    field = next(iter(made_record(layout).fields))
    field = replace(field, strips=(((0.0, 0.0), (100.0, 0.0), (100.0, 30.0), (0.0, 30.0)),))
    ((left, top, right, bottom),) = frames_of(field, made_result("a.jpg", turned=turned))
    assert (right == 1.0, bottom == 1.0) == (bool(place[0]), bool(place[1]))
    assert (left == 0.0, top == 0.0) == (not place[0], not place[1])


def characters(text, *low):
    return tuple(Character(c, 0.2 if i in low else 0.99) for i, c in enumerate(text))


def test_marks_follow_the_letters_into_the_tidied_value():
    assert marks_of("Lê Ba", (Reading("Lê  Ba", 0.5, "hand", characters("Lê  Ba", 1, 5)),)) == {1, 4}
    two = (
        Reading("Bản Vực", 0.5, "hand", characters("Bản Vực", 0)),
        Reading("Leng", 0.5, "hand", characters("Leng", 3)),
    )
    assert marks_of("Bản Vực Leng", two) == {0, 11}
    date = tuple(Reading(t, 0.5, "hand", characters(t, *low)) for t, low in (("6", ()), ("1", (0,)), ("2006", (3,))))
    assert marks_of("6/1/2006", date) == {2, 7}
    assert marks_of("Lê Ba", (Reading("Lê Ba", 0.5, "tesseract"),)) == frozenset()


def test_options_are_the_readers_alternatives_of_the_whole_field():
    layout = load_layout(KS.layout)
    field = next(f for f in made_record(layout).fields if f.name == "nks_que_quan")
    readings = (
        Reading("Hải Lệ", 0.5, "hand", alternatives=(Alternative("Hải Lễ", 0.4), Alternative("", 0.1))),
        Reading("Quảng Trị", 0.9, "hand", alternatives=(Alternative("Quang Trị", 0.6),)),
    )
    field = replace(field, raw="Hải Lệ Quảng Trị", readings=readings)
    assert options_of(field, Text()) == ("Hải Lệ Quang Trị", "Hải Lễ Quảng Trị", "Quảng Trị")
    assert options_of(field, Text(), ("Hải Lê",))[0] == "Hải Lê"


def test_another_readers_text_comes_first_and_a_comma_at_the_end_is_no_option():
    field = next(f for f in made_record(load_layout(KS.layout)).fields if f.name == "me_ho_ten")
    reading = Reading(
        "Trần Thị Đao",
        0.5,
        "hand",
        alternatives=(Alternative("Trần Thị Đao,", 0.4), Alternative("Trần Thị Đào", 0.3)),
        others=(Reading("Trân Thị Đào", 0.1, "tesseract"),),
    )
    field = replace(field, raw="Trần Thị Đao", readings=(reading,))
    assert options_of(field, Text()) == ("Trân Thị Đào", "Trần Thị Đào")


def test_options_of_a_list():
    field = next(f for f in made_record(load_layout(KS.layout)).fields if f.name == "nks_gioi_tinh")
    assert options_of(field, Choice(list="gioi_tinh"))[:2] == ("Nam", "Nữ")
    assert options_of(field, Tick(options={"Có": "1", "Không": "0"})) == ("Có", "Không")
    far = replace(field, raw="Bru Van Kiều", readings=(Reading("Bru Van Kiều", 0.3, "hand"),))
    groups = options_of(far, Choice(list="dan_toc"))
    assert groups[0].startswith("Bru")
    assert "Kinh" in groups
    assert len(groups) <= 9
