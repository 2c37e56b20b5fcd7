"""What a page would cost to parse, measured before it is parsed.

An HTML parser has to repair what it is given, and some repairs are quadratic: 220 kB of unclosed
`<b>` with different attributes between paragraphs make 10 GB of nodes (measured on resiliparse
2.0.1). A limit on time would keep other pages on slower machines, so the limits here count.

The scan sees tags as the parser does, but for comments and attribute values; a page made to fool it
can still kill a worker process, which costs that page only.
"""

import re
from dataclasses import dataclass
from functools import lru_cache

import numpy as np
import numpy.typing as npt

MAX_TAGS = 2_000_000
"""Start tags a page; a node takes 400 to 600 bytes."""
MAX_ATTRIBUTES = 1_000
"""Attributes a tag; the parser compares each with all before it."""
MAX_PARSE_WORK = 1_000_000_000
"""Sum of the depths at all tags: the parser walks up the open elements; about 7 ns each."""
MAX_CLONES = 2_000_000
"""Formatting elements that the parser repeats in every block, because they were not closed."""
MAX_INDENTATION = 20_000_000
"""Sum of the depths of lists at list items: the text's indentation."""
MAX_CONTENT_WORK = 20_000_000
"""Sum of the depths at start tags, for finding main content; about 0.25 us each."""

_Flags = npt.NDArray[np.bool_]

_NAME_BYTES = 8  # of a tag's name are looked at
# Half as many starts, half as many ends: no sum of products over them reaches a limit.
_HARMLESS_TAGS = 2_800
_HOPELESS_TAGS = 2 * MAX_TAGS  # each start with its end

_FLAT, _FORMATTING, _LIST, _ITEM, _SCRIPT, _HTML = 1, 2, 4, 8, 16, 32
_NAMES: tuple[tuple[int, str], ...] = (
    # Void elements, and those whose end tags may be left out since the next one of the kind
    # closes them: they do not nest.
    (_FLAT, "area base br col embed hr img input link meta param source track wbr"),
    (_FLAT, "html head body p dt dd tr td th tbody thead tfoot colgroup option optgroup"),
    (_FLAT, "rb rt rtc rp"),
    (_FLAT | _ITEM, "li"),
    (_FORMATTING | _HTML, "a b big code em font i nobr s small strike strong tt u"),
    (_LIST | _HTML, "ul ol menu dir dl"),
    (_SCRIPT | _HTML, "script"),
    (_HTML, "div span section article aside nav main header footer table blockquote center form"),
    (_HTML, "fieldset figure details button label select object address h1 h2 h3 h4 h5 h6 pre"),
)
_BYTES = np.arange(256)
_LETTER = (ord("a") <= (_BYTES | 0x20)) & (ord("z") >= (_BYTES | 0x20))
_NAME_BYTE = _LETTER | ((ord("0") <= _BYTES) & (ord("9") >= _BYTES))
_LONG_TAG = re.compile(rb"<[a-zA-Z](?=[^<>]{%d})" % (2 * MAX_ATTRIBUTES))
_ATTRIBUTE = re.compile(
    rb"[\s/]*+[^\s/>=][^\s/>=]*+(?:\s*+=\s*+(?:\"[^\"]*+\"|'[^']*+'|[^\s>]*+))?+"
)


@dataclass(frozen=True, slots=True)
class PageCost:
    """What the parser and the extractor would have to do; see the limits for the units."""

    tags: int
    attributes: int
    parse_work: int
    clones: int
    indentation: int
    content_work: int

    @property
    def excess(self) -> str | None:
        """Say which limit the page is over; None if it can be parsed."""
        for name, count, limit in (
            ("tags", self.tags, MAX_TAGS),
            ("attributes in a tag", self.attributes, MAX_ATTRIBUTES),
            ("steps to parse its nesting", self.parse_work, MAX_PARSE_WORK),
            ("repeated formatting elements", self.clones, MAX_CLONES),
            ("columns of indentation", self.indentation, MAX_INDENTATION),
        ):
            if count > limit:
                return f"the page has {count} {name}, over {limit}"
        return None


def page_cost(html: bytes) -> PageCost:
    """Measure a page in UTF-8, in linear time.

    Of a page with so few tags that no limit can be reached, or so many that it has to be refused,
    only tags and attributes are counted.
    """
    attributes = _most_attributes(html)
    marks = html.count(b"<")
    if marks <= _HARMLESS_TAGS or marks > _HOPELESS_TAGS:
        return PageCost(marks, attributes, 0, 0, 0, 0)
    data = np.frombuffer(html + b"\0" * (_NAME_BYTES + 2), np.uint8)
    at = np.flatnonzero(data[: len(html)] == ord("<"))
    closing = data[at + 1] == ord("/")
    kind, is_tag = _kinds(data, at + 1 + closing)
    is_tag &= ~_in_script(kind, closing)
    at, closing, kind = at[is_tag], closing[is_tag], kind[is_tag]
    nests = ((kind & _FLAT) == 0) & ~(((kind & _HTML) == 0) & _self_closed(data, at))
    step = np.where(closing, -1, 1)
    depth = _depth(step * nests)
    opening = ~closing
    formatting = (kind & _FORMATTING) != 0
    blocks = opening & ~formatting
    clones = int(_depth(step * formatting)[blocks].sum())
    if clones > MAX_CLONES:
        clones = _distinct_clones(html, at[opening & formatting], int(blocks.sum()))
    list_depth = _depth(step * ((kind & _LIST) != 0))
    return PageCost(
        tags=int(opening.sum()),
        attributes=attributes,
        parse_work=int(depth.sum()),
        clones=clones,
        indentation=int(list_depth[opening & ((kind & _ITEM) != 0)].sum()),
        content_work=int(depth[opening].sum()),
    )


@lru_cache(maxsize=1)
def _table() -> tuple[npt.NDArray[np.uint64], npt.NDArray[np.uint8]]:
    """Return the known names as sorted numbers, and what they are."""
    kinds = {_code(name): kind for kind, names in _NAMES for name in names.split()}
    codes = sorted(kinds)
    return np.array(codes, np.uint64), np.array([kinds[code] for code in codes], np.uint8)


def _code(name: str) -> int:
    """Return a name as a number: its first eight letters, little end first."""
    return int.from_bytes(name.encode()[:_NAME_BYTES].ljust(_NAME_BYTES, b"\0"), "little")


def _kinds(
    data: npt.NDArray[np.uint8], start: npt.NDArray[np.int64]
) -> tuple[npt.NDArray[np.uint8], _Flags]:
    """Return what the tag names at these places are, and where there is a name at all."""
    windows = np.lib.stride_tricks.sliding_window_view(data, _NAME_BYTES)
    letters = windows[start]
    in_name = _NAME_BYTE[letters]
    is_tag = _LETTER[letters[:, 0]]
    in_name = np.logical_and.accumulate(in_name, axis=1)
    packed = np.ascontiguousarray((letters | 0x20) * in_name).view(np.dtype("<u8")).reshape(-1)
    codes, kinds = _table()
    place = np.minimum(np.searchsorted(codes, packed), len(codes) - 1)
    return np.where(codes[place] == packed, kinds[place], 0).astype(np.uint8), is_tag


def _in_script(kind: npt.NDArray[np.uint8], closing: _Flags) -> _Flags:
    """Tell which tags stand inside a script, where they are text."""
    script = (kind & _SCRIPT) != 0
    last = np.maximum.accumulate(np.where(script, np.arange(len(kind)), -1))
    within: _Flags = (last >= 0) & ~closing[last] & ~script
    return within


def _self_closed(data: npt.NDArray[np.uint8], at: npt.NDArray[np.int64]) -> _Flags:
    """Tell which tags end in `/>`."""
    ends = np.append(np.flatnonzero(data == ord(">")), len(data) - 1)
    closed: _Flags = data[ends[np.searchsorted(ends, at)] - 1] == ord("/")
    return closed


def _depth(steps: npt.NDArray[np.int64]) -> npt.NDArray[np.int64]:
    """Return the running depth; an end tag without a start tag closes nothing."""
    total = np.cumsum(steps)
    return total - np.minimum.accumulate(np.minimum(total, 0))


def _distinct_clones(html: bytes, starts: npt.NDArray[np.int64], blocks: int) -> int:
    """Count again: of equal formatting elements the parser repeats three (HTML 13.2.4.3)."""
    tags = {html[start : html.find(b">", start, start + 1000)] for start in starts.tolist()}
    return 3 * len(tags) * blocks


def _most_attributes(html: bytes) -> int:
    """Return the attributes of the fullest long tag; 0 if there is no long one."""
    most = 0
    for tag in _LONG_TAG.finditer(html):
        count, at = 0, tag.end()
        while count <= MAX_ATTRIBUTES and (attribute := _ATTRIBUTE.match(html, at)):
            count, at = count + 1, attribute.end()
        # In a script `a<b` begins no tag.
        if count <= MAX_ATTRIBUTES or not _stands_in_script(html, tag.start()):
            most = max(most, count)
        if most > MAX_ATTRIBUTES:
            break
    return most


def _stands_in_script(html: bytes, at: int) -> bool:
    edges = [html.rfind(edge, 0, at) for edge in (b"<script", b"<SCRIPT")]
    ends = [html.rfind(edge, 0, at) for edge in (b"</script", b"</SCRIPT")]
    return max(edges) > max(ends)
