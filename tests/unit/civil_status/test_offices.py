"""A signature's text is parted into name and office."""

from __future__ import annotations

import pytest

from ocrfill.civil_status.offices import OFFICE_TITLES, name_and_office


@pytest.mark.parametrize(
    ("text", "name", "office"),
    [
        ("Nguyễn Văn A - Chủ tịch", "Nguyễn Văn A", "Chủ tịch"),
        ("Nguyễn Văn A Chủ tịch UBND xã", "Nguyễn Văn A", "Chủ tịch UBND xã"),
        ("Cao Văn Tín – Chủ tịch UBND phường 3", "Cao Văn Tín", "Chủ tịch UBND phường 3"),
        ("PCT Nguyễn Văn A", "Nguyễn Văn A", "PCT"),
        ("CT: Hồ Văn Quân", "Hồ Văn Quân", "CT"),
        ("Hồ Văn Quân PCT", "Hồ Văn Quân", "PCT"),
        ("TM. UBND xã, Chủ tịch Lê Văn Tám", "Lê Văn Tám", "TM. UBND xã, Chủ tịch"),
        ("KT. CHỦ TỊCH PHÓ CHỦ TỊCH Trần Thị B", "Trần Thị B", "KT. CHỦ TỊCH PHÓ CHỦ TỊCH"),
        ("Công chức Tư pháp - Hộ tịch Lê Bình", "Lê Bình", "Công chức Tư pháp - Hộ tịch"),
        ("Lê Tâm/Chủ tịch", "Lê Tâm", "Chủ tịch"),
        ("Lê Văn Thụ - gì đó", "Lê Văn Thụ", "gì đó"),
        ("Lê Văn Tám", "Lê Văn Tám", ""),
        ("Chủ tịch", "", "Chủ tịch"),
        ("Hồ Thị Tịch", "Hồ Thị Tịch", ""),
        ("", "", ""),
    ],
)
def test_name_and_office(text: str, name: str, office: str) -> None:
    assert name_and_office(text) == (name, office)


@pytest.mark.parametrize("title", OFFICE_TITLES)
def test_every_title_is_parted_before_and_behind_a_name(title: str) -> None:
    assert name_and_office(f"{title} Lê Văn Tám") == ("Lê Văn Tám", title)
    assert name_and_office(f"Lê Văn Tám, {title}") == ("Lê Văn Tám", title)
