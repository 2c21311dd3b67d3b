"""Phiếu giao: the slip that goes along with papers handed over by hand, with room for each unit to sign."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

from mailbot.routing.letters import plain_name

if TYPE_CHECKING:
    from collections.abc import Sequence

# Millimetres: room to sign in.
ROW_HEIGHT = 13.0


def slip(values: dict[str, Any], units: Sequence[dict[str, str]]) -> dict[str, Any]:
    """Return phiếu giao as the table that is printed (see rendering.workbooks): a line for each unit, room to sign."""
    return {
        "file": f"phieu-giao-{plain_name(str(values.get('number') or '')) or 'van-ban'}.pdf",
        "title": "PHIẾU GIAO VĂN BẢN",
        "office": values.get("office_room") or values.get("office") or "",
        "letterhead": values.get("office_room") or values.get("office") or "",
        "portrait": True,
        "lines": [str(values.get("document") or ""), f"Trích yếu: {values.get('summary') or ''}"],
        "columns": ["STT", "Đơn vị, người nhận", "Số bản", "Ngày, giờ nhận", "Họ tên, chữ ký người nhận", "Ghi chú"],
        "widths": [6, 34, 8, 15, 32, 14],
        "centred": [0, 2],
        "row_height": ROW_HEIGHT,
        "rows": [
            [number, "\n".join(filter(None, (unit["name"], unit["contact"]))), "01", "", "", ""]
            for number, unit in enumerate(units, start=1)
        ],
        "notes": [f"Tổng số: {len(units):02d} đơn vị. Ngày giao: ……/……/…………"],
        "signatures": [["NGƯỜI GIAO", "VĂN THƯ"]],
    }
