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
from typing import Final

import numpy as np
from numba import njit
from numpy.typing import NDArray

from llm_assets.corpus.pages.html_scan import (
    GT,
    LT,
    SLASH,
    Bytes,
    Int,
    Keys,
    Values,
    hash_on,
    hash_start,
    look_up,
    name_hash,
    open_table,
)

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

_NAME_BYTES: Final = 8  # of a tag's name are looked at
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
_LONG_TAG_BYTES: Final = 2 * MAX_ATTRIBUTES
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
    marks = html.count(b"<")
    data = np.frombuffer(html, np.uint8)
    attributes = _most_attributes(html, _long_tags(data))
    if marks <= _HARMLESS_TAGS or marks > _HOPELESS_TAGS:
        return PageCost(marks, attributes, 0, 0, 0, 0)
    starts = np.empty(0, np.int64)
    tags, blocks, parse_work, clones, indentation, content_work = _measure(data, _names(), starts)
    if clones > MAX_CLONES:
        starts = np.full(marks, -1, np.int64)
        _measure(data, _names(), starts)
        clones = _distinct_clones(html, starts[starts >= 0], int(blocks))
    return PageCost(
        int(tags), attributes, int(parse_work), int(clones), int(indentation), int(content_work)
    )


@lru_cache(maxsize=1)
def _names() -> tuple[Keys, Values]:
    """Return what the known names are, by the hash of their first eight letters."""
    return open_table(
        {name_hash(name[:_NAME_BYTES]): kind for kind, names in _NAMES for name in names.split()}
    )


@njit(nogil=True, cache=True)
def _measure(
    data: Bytes, names: tuple[Keys, Values], formatting: NDArray[np.int64]
) -> tuple[Int, Int, Int, Int, Int, Int]:
    """Count what the tags of a page cost, in one pass.

    Args:
        data: the page's bytes.
        names: what the known names are.
        formatting: filled with where formatting elements start, if it is not empty.

    Returns:
        Start tags, those of them that are no formatting, and the fields of `PageCost` in order.
    """
    tags = blocks = parse_work = clones = indentation = content_work = 0
    depth = lists = formats = tag_end = 0
    in_script = False
    for at in range(len(data) - 1):
        if data[at] != LT:
            continue
        closing = data[at + 1] == SLASH
        state, is_name = _name(data, at + 1 + closing)
        if not is_name:
            continue
        kind = look_up(state, names[0], names[1])
        if kind & _SCRIPT:
            in_script = not closing
        elif in_script:
            continue
        step = -1 if closing else 1
        if not kind & _FLAT:
            if not kind & _HTML:
                tag_end = max(tag_end, at)
                while tag_end < len(data) and data[tag_end] != GT:
                    tag_end += 1
            if kind & _HTML or tag_end == len(data) or data[tag_end - 1] != SLASH:
                depth = max(0, depth + step)
        if kind & _FORMATTING:
            formats = max(0, formats + step)
        elif kind & _LIST:
            lists = max(0, lists + step)
        parse_work += depth
        if closing:
            continue
        content_work += depth
        if kind & _ITEM:
            indentation += lists
        if not kind & _FORMATTING:
            blocks += 1
            clones += formats
        elif len(formatting):
            formatting[tags] = at
        tags += 1
    return tags, blocks, parse_work, clones, indentation, content_work


@njit(nogil=True, cache=True)
def _name(data: Bytes, at: Int) -> tuple[Int, bool]:
    """Return the hash of the tag name here, of eight letters at most, and whether it is one."""
    state = hash_start()
    end = min(len(data), at + _NAME_BYTES)
    for i in range(at, end):
        small = data[i] | 0x20
        is_letter = ord("a") <= small <= ord("z")
        if not is_letter and (i == at or not ord("0") <= data[i] <= ord("9")):
            return state, bool(i > at)
        state = hash_on(state, small)
    return state, bool(end > at)


@njit(nogil=True, cache=True)
def _long_tags(data: Bytes) -> NDArray[np.int64]:
    """Return where there are start tags so long that they may have too many attributes."""
    found = np.empty(len(data) // _LONG_TAG_BYTES + 1, np.int64)
    count, start = 0, -1
    for at in range(len(data)):
        if data[at] == LT or data[at] == GT:
            if start >= 0 and at - start - 2 >= _LONG_TAG_BYTES:
                found[count] = start
                count += 1
            start = at if data[at] == LT else -1
    if start >= 0 and len(data) - start - 2 >= _LONG_TAG_BYTES:
        found[count] = start
        count += 1
    return found[:count]


def _distinct_clones(html: bytes, starts: NDArray[np.int64], blocks: int) -> int:
    """Count again: of equal formatting elements the parser repeats three (HTML 13.2.4.3)."""
    tags = {html[start : html.find(b">", start, start + 1000)] for start in starts.tolist()}
    return 3 * len(tags) * blocks


def _most_attributes(html: bytes, long_tags: NDArray[np.int64]) -> int:
    """Return the attributes of the fullest long tag; 0 if there is no long one."""
    most = 0
    for start in long_tags.tolist():
        if not html[start + 1 : start + 2].isalpha():
            continue
        count, at = 0, start + 2
        while count <= MAX_ATTRIBUTES and (attribute := _ATTRIBUTE.match(html, at)):
            count, at = count + 1, attribute.end()
        # In a script `a<b` begins no tag.
        if count <= MAX_ATTRIBUTES or not _stands_in_script(html, start):
            most = max(most, count)
        if most > MAX_ATTRIBUTES:
            break
    return most


def _stands_in_script(html: bytes, at: int) -> bool:
    edges = [html.rfind(edge, 0, at) for edge in (b"<script", b"<SCRIPT")]
    ends = [html.rfind(edge, 0, at) for edge in (b"</script", b"</SCRIPT")]
    return max(edges) > max(ends)
