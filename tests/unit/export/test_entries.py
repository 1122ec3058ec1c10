"""What of a record stands in which column, and what a person is told to look at."""

from support.builders.book import ISSUE, KS, failed_result, ks_layout, made_record, made_result, stored

from ocrfill.civil_status.book import Book
from ocrfill.export.entries import DATE_PARTIAL, NEEDED_EMPTY, YEAR_OUTSIDE, entries
from ocrfill.export.file_names import doubles, record_names, with_doubles_told
from ocrfill.export.originals import short_names

LAYOUT = ks_layout()


def entry_of(record, book=KS):
    (entry,) = entries(book, LAYOUT, [stored("scans/0001.jpg", made_result("0001.jpg", record))])
    return entry


def texts(entry):
    return {column: cell.text for column, cell in entry.cells.items() if cell.text}


def test_columns_of_a_whole_record():
    got = texts(entry_of(made_record(LAYOUT)))
    assert got["so"] == "01/2006"
    assert got["quyenSo"] == "01/2006"
    assert got["trangSo"] == "1"
    assert got["ngayDangKy"] == "04.03.2006"
    assert got["noiDangKy"] == KS.place
    assert got["nksHoTen"] == "NGUYỄN THỊ HOA"
    assert got["nksGioiTinh"] == "2"
    assert got["nksNgaySinh"] == "27.10.2005"
    assert got["meDanToc"] == "Bru Vân Kiều"
    assert got["nguoiKy"] == "Lê Văn Tám"
    assert got["chucVuNguoiKy"] == "Chủ tịch"


def test_what_is_not_known_stays_empty():
    got = texts(entry_of(made_record(LAYOUT)))
    for column in ("loaiDangKy", "nksQuocTichStr", "nksLoaiKhaiSinh", "meNgaySinh", "nksSoDinhDanh", "ghiChu"):
        assert column not in got


def test_year_of_number_is_that_of_registration_within_a_book_of_several_years():
    book = Book.parse("KS.2005-2007.01", "ks_2006_2015")
    assert entry_of(made_record(LAYOUT, ngay_dang_ky=("1", "2", "2007")), book).cells["so"].text == "01/2007"
    assert entry_of(made_record(LAYOUT, ngay_dang_ky=""), book).cells["so"].text == "01/2005"


def test_year_outside_the_book_is_told_and_not_taken_for_the_number():
    entry = entry_of(made_record(LAYOUT, ngay_dang_ky=("4", "3", "2073")))
    assert entry.cells["so"].text == "01/2006"
    assert entry.cells["ngayDangKy"].text == "04.03.2073"
    assert [c.column for c in entry.checks if YEAR_OUTSIDE in c.issues] == ["ngayDangKy"]


def test_needed_columns_that_stay_empty_are_told():
    entry = entry_of(made_record(LAYOUT, so="", trang="", ngay_dang_ky=""))
    assert [c.label for c in entry.checks if NEEDED_EMPTY in c.issues] == ["Số", "Trang", "Ngày đăng ký"]
    assert all(entry.cells[column].check for column in ("so", "trangSo", "ngayDangKy"))


def test_fields_to_review_are_checks_and_accepted_ones_are_not():
    entry = entry_of(made_record(LAYOUT, accepted=("nks_ho_ten",)))
    assert not entry.cells["nksHoTen"].check
    assert entry.cells["chaHoTen"].check
    labels = [c.label for c in entry.checks]
    assert "Họ và tên cha" in labels
    assert "Họ và tên (người được đăng ký khai sinh)" not in labels


def test_an_accepted_field_with_an_issue_is_a_check_too():
    entry = entry_of(made_record(LAYOUT, accepted=("me_dan_toc",), issues={"me_dan_toc": (ISSUE,)}))
    (check,) = [c for c in entry.checks if ISSUE in c.issues]
    assert (check.column, check.label, check.text) == ("meDanToc", "Dân tộc (mẹ)", "Bru - Vân Kiều")


def test_issues_of_page_and_record_are_told_once_a_record():
    (entry,) = entries(KS, LAYOUT, [stored("a.jpg", made_result("a.jpg", made_record(LAYOUT), issues=(ISSUE,)))])
    assert [c.column for c in entry.checks if ISSUE in c.issues] == [None]


def test_order_runs_along_the_book_and_leaves_out_what_was_not_read():
    pages = [
        stored("a.jpg", made_result("a.jpg", made_record(LAYOUT), made_record(LAYOUT, number=2))),
        stored("b.jpg", failed_result("b.jpg")),
        stored("c.jpg", None),
        stored("d.pdf", made_result("d.pdf", made_record(LAYOUT))),
        stored("d.pdf", made_result("d.pdf", made_record(LAYOUT), page=2), number=2),
    ]
    found = [(e.order, e.place, e.record.number) for e in entries(KS, LAYOUT, pages)]
    assert found == [(1, "a.jpg", 1), (2, "a.jpg", 2), (3, "d.pdf:1", 1), (4, "d.pdf:2", 1)]


def test_names_of_files():
    pages = [
        stored(f"{i}.jpg", made_result(f"{i}.jpg", record))
        for i, record in enumerate(
            (
                made_record(LAYOUT),
                made_record(LAYOUT, so="2", ngay_dang_ky=""),
                made_record(LAYOUT, so="", trang="3"),
                made_record(LAYOUT, so="", trang=""),
                made_record(LAYOUT),
                made_record(LAYOUT),
            ),
            1,
        )
    ]
    found = tuple(entries(KS, LAYOUT, pages))
    names, renamed = record_names(KS, found)
    assert names == (
        "KS.2006.01.2006-03-04.001",
        "KS.2006.01.0000-00-00.002",
        "KS.2006.01.2006-03-04.003",
        "KS.2006.01.2006-03-04.004",
        "KS.2006.01.2006-03-04.001-2",
        "KS.2006.01.2006-03-04.001-3",
    )
    assert renamed == names[4:]
    assert doubles(found) == (("01/2006", 3),)


def test_short_names_leave_out_the_common_folder():
    assert short_names(["/a/b/c/1.jpg", "/a/b/d/1.jpg"]) == {"/a/b/c/1.jpg": "c/1.jpg", "/a/b/d/1.jpg": "d/1.jpg"}
    assert short_names(["x/1.jpg"]) == {"x/1.jpg": "1.jpg"}
    assert short_names([]) == {}


def test_short_names_of_paths_of_which_only_some_begin_at_the_root(monkeypatch, tmp_path):
    monkeypatch.chdir(tmp_path)
    found = short_names(["scans/1.jpg", f"{tmp_path}/other/2.jpg", "/3.jpg"])
    assert set(found) == {"scans/1.jpg", f"{tmp_path}/other/2.jpg", "/3.jpg"}
    assert short_names(["scans/1.jpg", f"{tmp_path}/other/2.jpg"]) == {
        "scans/1.jpg": "scans/1.jpg",
        f"{tmp_path}/other/2.jpg": "other/2.jpg",
    }


def test_a_date_of_registration_that_is_not_whole_is_told():
    entry = entry_of(made_record(LAYOUT, ngay_dang_ky=("", "", "2006")))
    assert (entry.cells["ngayDangKy"].text, entry.registered) == ("2006", None)
    assert [c.column for c in entry.checks if DATE_PARTIAL in c.issues] == ["ngayDangKy"]


def test_numbers_that_several_records_bear_are_told_at_each():
    records = [made_record(LAYOUT, accepted=("so",)), made_record(LAYOUT, so="2"), made_record(LAYOUT)]
    pages = [stored(f"{i}.jpg", made_result(f"{i}.jpg", r)) for i, r in enumerate(records)]
    before = tuple(entries(KS, LAYOUT, pages))
    after = tuple(with_doubles_told(before))
    told = [[i.text for c in e.checks for i in c.issues if i.code == "export.double"] for e in after]
    assert told == [["Số 01/2006 có ở 2 bản ghi của sổ"], [], ["Số 01/2006 có ở 2 bản ghi của sổ"]]
    assert [e.cells["so"].check for e in after] == [True, True, True]
    assert [e.cells["so"].check for e in before] == [False, True, True]
    assert after[1] is before[1]


def test_the_same_number_in_two_years_is_no_double():
    book = Book.parse("KS.2006-2007.01", "ks_2006_2015")
    records = [made_record(LAYOUT), made_record(LAYOUT, ngay_dang_ky=("5", "1", "2007"))]
    pages = [stored(f"{i}.jpg", made_result(f"{i}.jpg", r)) for i, r in enumerate(records)]
    assert doubles(tuple(entries(book, LAYOUT, pages))) == ()


def test_place_of_a_marital_status_book_stands_in_its_own_column():
    entry = entry_of(made_record(LAYOUT))
    assert entry.cells["noiCap"].text == KS.place
