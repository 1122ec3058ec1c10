"""What a person should know of how a page was put right, and how well its form lies on it."""

from __future__ import annotations

from ocrfill.document.page import Page
from ocrfill.document.result import FLIPPED_CODE, MAY_BE_FLIPPED_CODE, NEGATIVE_CODE, TURNED_CODE, Issue
from ocrfill.pipeline.locate import GOOD_FIT_SCORE

POOR_FIT = Issue("page.poor_fit", "Trang khớp mẫu kém: cần xem kỹ vị trí các ô")
NEGATIVE = Issue(NEGATIVE_CODE, "Trang là âm bản (chữ sáng trên nền tối), đã đảo lại")
FLIPPED = Issue(FLIPPED_CODE, "Trang bị lật ngược trái phải như trong gương, đã lật lại")
MAY_BE_FLIPPED = Issue(MAY_BE_FLIPPED_CODE, "Chữ ngả về bên trái: có thể trang bị lật ngược như trong gương")
TWO_SHEETS = Issue("page.two_sheets", "Một ảnh có hai trang, đã tách ra: các bản ghi được đánh số tiếp theo nhau")


def put_right_issues(flat: Page) -> tuple[Issue, ...]:
    """That a page was a negative, mirrored or turned."""
    issues = [NEGATIVE] if flat.negative else []
    issues += [FLIPPED] if flat.flipped else []
    issues += [Issue(TURNED_CODE, f"Trang bị quay {flat.turned}°, đã xoay lại")] if flat.turned else []
    return tuple(issues)


def page_issues(flat: Page, fit: float) -> tuple[Issue, ...]:
    """The same, and whether the layout lies badly on it."""
    return (*put_right_issues(flat), *((POOR_FIT,) if fit < GOOD_FIT_SCORE else ()))
