"""What the reviewer reads on the screen, in Vietnamese and in English."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Literal

Language = Literal["vi", "en"]


@dataclass(frozen=True, slots=True)
class ScreenTexts:
    """The texts of the reviewing page. Label Studio's own buttons stay English: it has no other language."""

    page: str
    record: str
    whole_page: str
    other_value: str
    unreadable: str
    wrongly_cut: str
    blank: str
    nothing_read: str
    keys: str


SCREEN_TEXTS: dict[Language, ScreenTexts] = {
    "vi": ScreenTexts(
        page="trang",
        record="mục",
        whole_page="Cả trang (phím P)",
        other_value="giá trị đúng",
        unreadable="không đọc được",
        wrongly_cut="cắt sai",
        blank="để trống",
        nothing_read="máy không đọc được chữ nào",
        keys="Đúng: Ctrl+Enter · Chọn: số rồi Ctrl+Enter · Sửa: F2, gõ, Ctrl+Enter · Bỏ qua: Ctrl+Space",
    ),
    "en": ScreenTexts(
        page="page",
        record="entry",
        whole_page="Whole page (key P)",
        other_value="the right value",
        unreadable="cannot be read",
        wrongly_cut="wrongly cut",
        blank="left empty",
        nothing_read="nothing could be read",
        keys="Right: Ctrl+Enter · Pick: digit, then Ctrl+Enter · Correct: F2, type, Ctrl+Enter · Skip: Ctrl+Space",
    ),
}
