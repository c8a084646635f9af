"""The face, the mark and the code on A4 pages. Sizes in millimetres; nothing is drawn that was not signed.

Order of a page: ground and waves, watermark, head, lines, tables, mark with code, foot. A portrait stands at the right
of the first lines. What does not fit goes on to the next page, under the same watermark.
"""

import io
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path

from fpdf import FPDF
from fpdf.enums import MethodReturnValue, XPos, YPos
from fpdf.fonts import FontFace

from ecert.copies.making import CHINA
from ecert.copies.ports import CopyContent
from ecert.pdf.fonts import face_number
from schemas.generate.face import Line, Table
from schemas.qr.drawing import draw

_WIDTH, _HEIGHT, _MARGIN = 210.0, 297.0, 22.0
_ROOM = _WIDTH - 2 * _MARGIN
_PORTRAIT = (33.0, 41.0)
_CODE = 55.0  # at least 5.5 cm (ADR 15)
_FOOT = 24.0
_MARK = _HEIGHT - _FOOT - _CODE - 5  # where the mark begins
_GAP = 8.0
_LINE = 6.6
_FAMILY = "cjk"
_NOTE_ZH = "核验以随附凭证和二维码为准，不以外观为准；请与本人证件核对。"
_NOTE_EN = (
    "Verified by the attached credential and the code, never by its looks; compare it with the person's document."
)

Colour = tuple[int, int, int]


class Sheet(FPDF):
    """Pages with the ground, the watermark and the foot of one copy."""

    def __init__(self, content: CopyContent, font: Path) -> None:
        super().__init__(format="A4", enforce_compliance="PDF/A-3B")
        self.content = content
        palette = content.face.palette
        self.ink, self.accent = _colour(palette.ink), _colour(palette.accent)
        self.ground, self.shade = _colour(palette.background), _colour(palette.shade)
        self.add_font(_FAMILY, "", font, collection_font_number=face_number(font))
        self.set_margins(_MARGIN, _MARGIN, _MARGIN)
        self.set_auto_page_break(auto=True, margin=_FOOT + 4)

    def words(self, size: float, colour: Colour) -> None:
        """Choose size and colour of what is written next."""
        self.set_font(_FAMILY, size=size)
        self.set_text_color(*colour)

    def header(self) -> None:
        """Draw what lies under a page's words."""
        self.set_fill_color(*self.ground)
        self.rect(0, 0, _WIDTH, _HEIGHT, style="F")
        self._waves()
        self.set_draw_color(*self.accent)
        self.set_line_width(0.9)
        self.rect(9, 9, _WIDTH - 18, _HEIGHT - 18)
        self.set_line_width(0.25)
        self.rect(11, 11, _WIDTH - 22, _HEIGHT - 22)
        self._watermark()
        self.set_y(_MARGIN)

    def footer(self) -> None:
        """Draw the identifier and the page's number."""
        face = self.content.face
        self.set_y(-_FOOT)
        self.set_draw_color(*self.accent)
        self.set_line_width(0.2)
        self.line(_MARGIN, self.get_y(), _WIDTH - _MARGIN, self.get_y())
        self.ln(1.5)
        self.words(7, self.ink)
        self.cell(_ROOM - 20, 4, f"电子证照标识 Identifier  {face.identifier}")
        self.cell(20, 4, f"{self.page_no()} / {{nb}}", align="R")

    def _waves(self) -> None:
        self.set_draw_color(*self.shade)
        self.set_line_width(0.2)
        for step in range(14, int(_HEIGHT) - 10, 7):
            with self.new_path() as path:
                path.style.fill_color = None
                path.style.stroke_color = self.content.face.palette.shade
                path.style.stroke_width = 0.2
                path.move_to(11, step)
                path.curve_to(60, step - 9, 90, step + 9, 120, step)
                path.curve_to(150, step - 9, 180, step + 7, _WIDTH - 11, step - 2)

    def _watermark(self) -> None:
        content = self.content
        use = f"仅用于：{content.cause}"
        made = f"{content.maker}  {_minute(content.made_at)}  有效至 {_minute(content.expires_at)}"
        with self.local_context(fill_opacity=0.13):
            for row, y in enumerate(range(40, int(_HEIGHT) + 60, 46)):
                x = 4 - 30 * (row % 2)
                with self.rotation(28, x, y):
                    self._repeated(use, 15, x, y)
                    self._repeated(made, 9, x, y + 6)

    def _repeated(self, text: str, size: float, x: float, y: float) -> None:
        """Write a text along a line that is longer than the page's diagonal."""
        self.words(size, self.accent)
        step = self.get_string_width(text) + 14
        for number in range(max(1, int(300 / step) + 1)):
            self.text(x + number * step, y, text)


def drawn(content: CopyContent, *, font: Path, attachment: str) -> bytes:
    """Return the unsigned PDF (PDF/A-3B) with the credential attached under the name ``attachment``."""
    sheet = Sheet(content, font)
    face = content.face
    sheet.set_lang("zh-CN")
    sheet.set_title(f"{face.name_zh} 加注件")
    sheet.set_author(face.issuer_zh)
    sheet.set_subject(content.cause)
    sheet.set_keywords("; ".join(f"{name}={value}" for name, value in content.elements.items()))
    sheet.set_creation_date(content.made_at)
    sheet.add_page()
    _head(sheet)
    _lines(sheet, face.lines)
    for table in face.tables:
        _table(sheet, table)
    _issued(sheet)
    _mark(sheet)
    sheet.embed_file(
        bytes=content.credential,
        basename=attachment,
        modification_date=content.made_at,
        mime_type="application/sd-cwt",
        associated_file_relationship="Data",
        desc="可核验的电子证照凭证 The verifiable credential of this copy",
        compress=True,
    )
    return bytes(sheet.output())


def _head(sheet: Sheet) -> None:
    face = sheet.content.face
    sheet.set_y(24)
    sheet.words(_fitting(sheet, face.name_zh, 30), sheet.accent)
    sheet.cell(_ROOM, 14, face.name_zh, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.words(_fitting(sheet, face.name_en, 12), sheet.ink)
    sheet.cell(_ROOM, 6, face.name_en, align="C", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.ln(3)
    sheet.set_draw_color(*sheet.accent)
    sheet.set_line_width(0.5)
    sheet.line(_MARGIN + 40, sheet.get_y(), _WIDTH - _MARGIN - 40, sheet.get_y())
    sheet.ln(7)


def _lines(sheet: Sheet, lines: Sequence[Line]) -> None:
    portrait = sheet.content.face.portrait
    top = sheet.get_y()
    if portrait is not None:
        x = _WIDTH - _MARGIN - _PORTRAIT[0]
        sheet.set_draw_color(*sheet.accent)
        sheet.image(io.BytesIO(portrait), x=x, y=top, w=_PORTRAIT[0], h=_PORTRAIT[1], alt_text="照片 Portrait")
        sheet.rect(x, top, *_PORTRAIT)
        sheet.set_xy(_MARGIN, top)
    below = top + _PORTRAIT[1] + 3
    row: list[Line] = []
    for line in lines:
        beside = portrait is not None and sheet.page_no() == 1 and sheet.get_y() < below
        if line.wide or beside:
            _row(sheet, row, _ROOM)
            _row(sheet, [line], _ROOM - _PORTRAIT[0] - _GAP if beside else _ROOM)
            row = []
        else:
            row.append(line)
        if len(row) == 2:
            _row(sheet, row, _ROOM)
            row = []
    _row(sheet, row, _ROOM)
    if portrait is not None and sheet.page_no() == 1 and sheet.get_y() < below:
        sheet.set_y(below)


def _row(sheet: Sheet, lines: Sequence[Line], room: float) -> None:
    """Draw one line over the whole room, or up to two beside each other."""
    if not lines:
        return
    width = room if len(lines) == 1 and lines[0].wide else (room - _GAP) / 2 if room == _ROOM else room
    sheet.words(11, sheet.ink)
    needed = max(_height(sheet, line.text, width) for line in lines)
    if sheet.will_page_break(5 + min(needed, 6 * _LINE)):
        sheet.add_page()
    top, page, bottom = sheet.get_y(), sheet.page_no(), 0.0
    for column, line in enumerate(lines):
        sheet.set_xy(_MARGIN + column * (width + _GAP), top)
        sheet.words(7.5, sheet.accent)
        sheet.cell(width, 4.4, f"{line.label_zh}  {line.label_en}", new_x=XPos.LEFT, new_y=YPos.NEXT)
        sheet.words(11, sheet.ink)
        sheet.multi_cell(width, _LINE, line.text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
        bottom = max(bottom, sheet.get_y()) if sheet.page_no() == page else sheet.get_y()
    sheet.set_xy(_MARGIN, bottom + 2.2)


def _height(sheet: Sheet, text: str, width: float) -> float:
    height = sheet.multi_cell(width, _LINE, text, dry_run=True, output=MethodReturnValue.HEIGHT)
    return float(height) if isinstance(height, int | float) else _LINE


def _table(sheet: Sheet, table: Table) -> None:
    if sheet.will_page_break(24):
        sheet.add_page()
    sheet.ln(1)
    sheet.words(9, sheet.accent)
    sheet.cell(_ROOM, 6, f"{table.label_zh}  {table.label_en}", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.words(8.5, sheet.ink)
    sheet.set_draw_color(*sheet.accent)
    sheet.set_line_width(0.15)
    head = FontFace(color=sheet.accent, fill_color=sheet.shade, emphasis="")
    with sheet.table(headings_style=head, line_height=4.6, padding=1, text_align="LEFT") as drawn_table:
        drawn_table.row([f"{zh} {en}" for zh, en in table.columns])
        for row in table.rows:
            drawn_table.row(row)
    sheet.ln(3)


def _issued(sheet: Sheet) -> None:
    face = sheet.content.face
    if sheet.get_y() + 15 > _MARK:
        sheet.add_page()
    sheet.set_y(max(sheet.get_y(), _MARK - 24))
    sheet.words(12, sheet.ink)
    sheet.cell(_ROOM, 6, face.issuer_zh, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)
    sheet.words(8, sheet.ink)
    sheet.cell(_ROOM, 4, face.issuer_en, align="R", new_x=XPos.LMARGIN, new_y=YPos.NEXT)


def _mark(sheet: Sheet) -> None:
    """The code, with a white quiet zone, and what makes the sheet a copy; at the foot of the page."""
    content = sheet.content
    top = _MARK
    sheet.set_fill_color(255, 255, 255)
    sheet.set_draw_color(*sheet.accent)
    sheet.set_line_width(0.2)
    sheet.rect(_MARGIN, top, _CODE, _CODE, style="FD")
    _code(sheet, _MARGIN, top)
    x, width = _MARGIN + _CODE + _GAP, _ROOM - _CODE - _GAP
    # The mark ends above the foot, so nothing of it may begin a page.
    sheet.set_auto_page_break(auto=False)
    sheet.set_xy(x, top)
    sheet.words(13, sheet.accent)
    sheet.cell(width, 8, "加注件  Annotated copy", new_x=XPos.LEFT, new_y=YPos.NEXT)
    rows = (
        ("制作事由 Cause", content.cause),
        ("制作者 Made by", content.maker),
        ("制作时间 Made at", _minute(content.made_at)),
        ("有效期至 Valid until", _minute(content.expires_at)),
    )
    for label, text in rows:
        sheet.words(7, sheet.accent)
        sheet.cell(width, 3.6, label, new_x=XPos.LEFT, new_y=YPos.NEXT)
        sheet.words(9.5 if len(text) <= 60 else 6.5, sheet.ink)
        sheet.multi_cell(width, 4.6 if len(text) <= 60 else 3.2, text, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
    sheet.ln(1)
    sheet.set_x(x)
    sheet.words(7, sheet.ink)
    sheet.multi_cell(width, 3.4, _NOTE_ZH, align="L", new_x=XPos.LEFT, new_y=YPos.NEXT)
    sheet.words(6, sheet.ink)
    sheet.multi_cell(width, 2.9, _NOTE_EN, align="L")


def _code(sheet: Sheet, left: float, top: float) -> None:
    """The paper code as vectors: runs of dark modules."""
    code = sheet.content.code
    drawing = draw(code.text, level=code.level)
    module = _CODE / drawing.size
    sheet.set_fill_color(0, 0, 0)
    for y, row in enumerate(drawing.rows()):
        x = 0
        while x < drawing.size:
            run = 1
            while x + run < drawing.size and row[x + run] == row[x]:
                run += 1
            if row[x]:
                # A hair higher than a module, so that no line of light shows between the rows.
                sheet.rect(left + x * module, top + y * module, run * module, module * 1.02, style="F")
            x += run


def _fitting(sheet: Sheet, text: str, size: float) -> float:
    """Return the size, or the smaller one at which a title fits its line."""
    sheet.set_font(_FAMILY, size=size)
    return min(size, size * (_ROOM - 4) / max(sheet.get_string_width(text), 1))


def _minute(at: datetime) -> str:
    return at.astimezone(CHINA).strftime("%Y-%m-%d %H:%M")


def _colour(text: str) -> Colour:
    return int(text[1:3], 16), int(text[3:5], 16), int(text[5:7], 16)
