"""Names of persons, and who signed."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any, ClassVar, Literal

from ocrfill.fields.written import AsWritten
from ocrfill.records import Value


@dataclass(frozen=True, slots=True)
class Name(AsWritten):
    """A person's name, kept as written. `capitals`: the form asks for capitals (TT 04/2020/TT-BTP Đ31)."""

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    kind: Literal["name"] = "name"
    capitals: bool = False


@dataclass(frozen=True, slots=True)
class Signatory(AsWritten):
    """Name and office of the official who signed, in one text: "Nguyễn Văn A - Chủ tịch".

    Parts: `name` and `office`, split at the first dash, comma or slash; without one all is name.
    """

    __pydantic_config__: ClassVar[dict[str, Any]] = {"extra": "forbid"}
    parts: ClassVar[tuple[str, ...]] = ("value", "name", "office")
    kind: Literal["signatory"] = "signatory"

    def part(self, value: Value, part: str) -> str:
        if part == "value":
            return value.raw
        cut = min((i for i in map(value.raw.find, "-–,/") if i >= 0), default=len(value.raw))
        name, office = value.raw[:cut], value.raw[cut + 1 :]
        return (name if part == "name" else office).strip(" .,-–/")
