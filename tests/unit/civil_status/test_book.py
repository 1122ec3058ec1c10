"""Names of books and of records' files, as contractors' software has them."""

import pytest

from ocrfill.civil_status.book import NO_DATE, Book
from ocrfill.errors import BadInput


@pytest.mark.parametrize("key", ["KS.2006.01", "KT.1999-2001.03", "CMC.2015.12"])
def test_key_reads_back(key):
    assert Book.parse(key, "any").key == key


@pytest.mark.parametrize(
    "key",
    ["", "KS.2006", "ks.2006.01", "KS.06.01", "XX.2006.01", "KS.2006.1", "KS.2006.01 ", "KS.2006.०१", "KS.20０6.01"],
)
def test_other_names_are_refused_with_an_example(key):
    with pytest.raises(BadInput, match=r"KS\.2006\.01"):
        Book.parse(key, "any")


def test_years_in_the_wrong_order_are_refused():
    with pytest.raises(BadInput, match="before the first"):
        Book.parse("KS.2006-2004.01", "any")


def test_record_name_follows_the_convention():
    book = Book.parse("KS.2006.01", "any")
    assert book.record_name("04.03.2006", 1) == "KS.2006.01.2006-03-04.001"
    assert book.record_name("2006", 12) == f"KS.2006.01.{NO_DATE}.012"
    assert book.record_name(None, 12) == f"KS.2006.01.{NO_DATE}.012"


def test_volume_code_is_what_the_import_wants():
    assert Book.parse("KS.2006.01", "any").volume_code == "01/2006"


@pytest.mark.parametrize("registered", ["०४.०३.२००६", "04.03.２006", "04.03.2006\n", "../../a", None, ""])
def test_a_record_name_takes_a_date_of_plain_digits_only(registered):
    assert Book.parse("KS.2006.01", "any").record_name(registered, 1) == f"KS.2006.01.{NO_DATE}.001"
