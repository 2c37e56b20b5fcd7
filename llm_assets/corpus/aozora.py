"""Aozora Bunko's notation in Japanese texts: readings beside characters, and transcribers' notes.

The notation: https://www.aozora.gr.jp/annotation/ . A reading stands in 《》 behind the characters
it belongs to, whose beginning ｜ may mark; notes stand in ［＃］; ※ stands for a character that
JIS X 0208 lacks, with a note that says which.
"""

import re
from dataclasses import dataclass

_LEGEND_TITLE = "【テキスト中に現れる記号について】"
_RULE = r"-{20,}[ \t]*\n"
_LEGEND = re.compile(rf"^{_RULE}\s*{_LEGEND_TITLE}.*?^{_RULE}", re.M | re.S)
_IMPRINT = re.compile(r"^底本：", re.M)
_READING = re.compile(r"《[^《》\n]{0,100}》")
_RARE_CHARACTER = re.compile(
    r"※［＃[^［］\n]*?(?:第[34]水準(?P<plane>[12])-(?P<row>\d{1,2})-(?P<cell>\d{1,2})"
    r"|U\+(?P<point>[0-9A-Fa-f]{4,5}))[^［］\n]*］"
)
_NOTE = re.compile(r"［＃[^［］\n]*］")
_MAX_HEADING_LINES = 6


@dataclass(frozen=True, slots=True)
class AozoraText:
    """A text without the notation, and what its first lines name."""

    text: str
    title: str | None
    author: str | None


def is_aozora(text: str) -> bool:
    """Whether a text carries the notation: it explains it, or says where it is from."""
    return _LEGEND_TITLE in text[:2000] or ("［＃" in text and "青空文庫" in text[-4000:])


def strip_aozora(text: str) -> AozoraText:
    """Remove readings, notes, their legend and the imprint; put rare characters in.

    Args:
        text: with line feeds as line ends.
    """
    imprint = [match.start() for match in _IMPRINT.finditer(text)]
    body = text[: imprint[-1]] if imprint else text
    body = _LEGEND.sub("", body, count=1)
    body = _RARE_CHARACTER.sub(_character, body)
    body = _NOTE.sub("", body)
    body = _READING.sub("", body).replace("｜", "")
    title, author = _heading(body)
    return AozoraText(body, title, author)


def _heading(body: str) -> tuple[str | None, str | None]:
    """Read title and author: the first and last line of the lines before the first blank one."""
    lines = body.lstrip("\n").split("\n\n", 1)[0].split("\n")
    if not 2 <= len(lines) <= _MAX_HEADING_LINES:
        return None, None
    return lines[0].strip() or None, lines[-1].strip() or None


def _character(note: re.Match[str]) -> str:
    """Return the character that a note describes; the ※ alone where there is none."""
    if note["point"]:
        point = int(note["point"], 16)
        return "※" if 0xD800 <= point < 0xE000 else chr(point)
    row, cell = int(note["row"]), int(note["cell"])
    code = bytes([0xA0 + row, 0xA0 + cell]) if max(row, cell) <= 94 else b""
    try:
        return (b"\x8f" + code if note["plane"] == "2" else code).decode("euc_jis_2004") or "※"
    except UnicodeDecodeError:
        return "※"
