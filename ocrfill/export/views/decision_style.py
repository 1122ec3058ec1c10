"""How decisions and stages are named and coloured for the clerk, the same in every picture."""

from __future__ import annotations

from dataclasses import dataclass

from ocrfill.document.result import Decision


@dataclass(frozen=True, slots=True)
class DecisionStyle:
    """A decision's short name in Vietnamese, what it asks of the clerk, and its colour (red, green, blue)."""

    name: str
    meaning: str
    colour: tuple[int, int, int]

    @property
    def css(self) -> str:
        """The colour as style sheets write it."""
        return "#{:02x}{:02x}{:02x}".format(*self.colour)


DECISION_STYLES = {
    Decision.REVIEW: DecisionStyle("Cần kiểm tra", "người nhập phải xem lại", (199, 112, 0)),
    Decision.ACCEPT: DecisionStyle("Chấp nhận", "đủ tin cậy, không phải xem lại", (46, 125, 50)),
    Decision.EMPTY: DecisionStyle("Để trống", "không thấy nét chữ", (138, 143, 152)),
    Decision.NOT_READ: DecisionStyle("Không đọc", "chữ ký, ghi chú: chỉ giữ hình ảnh", (72, 118, 176)),
}

WARNING_COLOUR = (198, 40, 40)
"""Colour of what has an issue, whatever its decision."""

STAGE_TEXTS = {
    "scan": "mở tệp quét",
    "page": "nắn trang",
    "locate": "tìm biểu mẫu",
    "read": "đọc chữ",
    "bug": "lỗi của chương trình",
}
"""Where a page failed, in words for the clerk."""


def percent(probability: float) -> str:
    """A probability as persons read it: "97 %"."""
    return f"{probability * 100:.0f} %"
