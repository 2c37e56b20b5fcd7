"""Project Gutenberg's own words around a book: header, licence, credits. The book stays.

The markers have changed over the years; the forms here are those of the collection's files from
1993 (the "small print") to today.
"""

import re

_NAME = re.compile(r"project\s+gutenberg", re.I)
_EDGE_CHARS = 30_000  # of header or licence; the longest licence has 19,000

_START = re.compile(
    # *** START OF THE PROJECT GUTENBERG EBOOK 1342 *** ; the title may run over lines
    r"^[ \t]*\*{2,3}[ \t]*START OF (?:THE |THIS )?PROJECT GUTENBERG[^*]{0,500}?\*{2,3}[ \t]*$"
    # *END*THE SMALL PRINT! FOR PUBLIC DOMAIN ETEXTS*Ver.04.29.93*END*
    r"|^[ \t]*\*END[* ]+THE SMALL PRINT!.*$"
    r"|^[ \t]*\[?\*?.*SMALL PRINT!.*\*END\*.*$",
    re.I | re.M,
)
_END = re.compile(
    r"^[ \t]*\*{2,3}[ \t]*END OF (?:THE |THIS )?PROJECT GUTENBERG"
    r"|^[ \t]*End of (?:the |this )?Project Gutenberg(?:['’]s|\b)"
    r"|^[ \t]*\*{3}[ \t]*START: FULL LICENSE",
    re.I | re.M,
)
# The first paragraphs after the header name who made the file.
_CREDITS = re.compile(
    r"\s*(?:Produced by|E-?text prepared by|E-?text produced by|Prepared by|Transcribed by"
    r"|This e-?(?:text|book) was (?:prepared|produced|transcribed|created)"
    r"|Scanned (?:and proof\w*|by)|HTML version by|Credits:|Updated editions will replace)\b"
    r"(?:.*\n?)(?:[^\n]*\S[^\n]*\n?)*",
    re.I,
)


def strip_gutenberg(text: str) -> str:
    """Return the book without header, licence and credits; other texts as they are.

    Args:
        text: with line feeds as line ends.
    """
    if not _NAME.search(text[:_EDGE_CHARS]) and not _NAME.search(text[-_EDGE_CHARS:]):
        return text
    starts = list(_START.finditer(text[:_EDGE_CHARS]))
    begin = starts[-1].end() if starts else 0
    end = _END.search(text, max(begin, len(text) - _EDGE_CHARS))
    body = text[begin : end.start() if end else len(text)]
    while starts and (credits := _CREDITS.match(body)):
        body = body[credits.end() :]
    return body.strip("\n") + "\n" if body.strip() else ""
