"""Bytes -> characters: which encoding a document is in, whatever it says of itself.

The order follows browsers (WHATWG Encoding Standard, HTML 13.2.3), but for one thing: bytes that
are valid UTF-8 are UTF-8, whatever is declared. A text of another encoding is hardly ever valid
UTF-8 by chance, while pages that declare Latin-1 and are UTF-8 are common.
"""

import codecs
import re
from collections.abc import Iterator
from dataclasses import dataclass
from typing import Literal

from charset_normalizer import from_bytes
from resiliparse.parse.encoding import detect_encoding, map_encoding_to_html5

from llm_assets.corpus.single_byte import best_fit, fit_of, is_dense
from llm_assets.formats.content import byte_order_mark, foreign_content, wide_encoding

EncodingSource = Literal["mark", "valid", "transport", "document", "detected", "assumed"]
"""How the encoding was found: a byte order mark, validity, the transport's or the document's own
declaration, statistics, or for want of anything better."""


@dataclass(frozen=True, slots=True)
class DecodedText:
    """A document's characters, its encoding (a Python codec) and how that was found."""

    text: str
    encoding: str
    source: EncodingSource


_DECLARATION_BYTES = 4096  # browsers look at 1024; pages of old books put the meta later
_DETECTION_BYTES = 1 << 16
_HIGH_BYTE = re.compile(rb"[\x80-\xff]")
_ISO_2022_JP = re.compile(rb"\x1b\$[@B]")
_DECLARATIONS = (
    re.compile(rb"<\?xml[^>]{0,200}?\bencoding\s*=\s*[\"']([\w.:-]{1,40})[\"']", re.I),
    re.compile(rb"<meta\b[^>]{0,500}?\bcharset\s*=\s*[\"']?\s*([\w.:-]{1,40})", re.I),
)
# The first name in a free-form note such as `ISO-646-US (US-ASCII)` or `ISO Latin-1`.
_LABEL = re.compile(r"(?:iso )?[a-z][\w.:-]*", re.I)
_ALIASES = {
    "iso-646-us": "cp1252",
    "iso latin-1": "cp1252",
    "unicode": "utf-8",
    "macroman": "mac-roman",
    "x-mac-cyrillic": "mac-cyrillic",
}
# What a charset's users put beside its own characters: the mappings of the Encoding Standard.
_SUPERSETS = {
    "gbk": "gb18030",
    "gb2312": "gb18030",
    "shift_jis": "cp932",
    "euc_kr": "cp949",
    "big5": "big5hkscs",
    "iso8859-1": "cp1252",
    "iso8859-9": "cp1254",
    "iso8859-11": "cp874",
}
_WIDE = ("utf-16-le", "utf-16-be", "utf-32-le", "utf-32-be")
_WESTERN = "cp1252"
# Python has codecs that are no charset (hex, zip), and UTF-7, which only attackers use.
_CHARSETS = re.compile(
    r"(?:cp|iso|koi8|mac|euc|big5|gb|shift|tis|utf-?8|utf-?16|utf-?32).*|johab|kz1048|ptcp154"
)
# The detector's answers for Western text with few letters outside ASCII: hardly ever true, unless
# the letters say so too.
_RARE = re.compile(r"iso8859-(?:3|4|10|13|14|15|16)")
_MULTI_BYTE = frozenset(["big5hkscs", "cp932", "cp949", "euc_jp", "gb18030", "johab"])
# How a charset must fit to be taken (see single_byte), and to be put above a declared one that
# reads at least so many bytes outside ASCII worse by the margin. Over 47 encodings of real text no
# right declaration is overruled, and of texts declared as Latin-1 0.96 are right instead of 0.77.
_GOOD_FIT = 0.95
_CLEAR_MARGIN = 0.1
_MIN_EVIDENCE = 8
# Shares of the characters outside ASCII that may be unreadable: a torn page, not another charset.
_MAX_LOSS = 0.01
_MAX_LOSS_UTF8 = 0.1  # whose sequences are hard to get by chance
# What other charsets look like in windows-1252: letters in a row outside ASCII, signs in a row or
# before such letters, signs that hardly any text has.
_ODD_WESTERN = re.compile(r"[À-ÿ]{4,}|[¡-¿]{2,}|[¢-ª¬-¾][À-ÿ]|[¤¦¬¯±³µ¶¸¹¾×÷ƒˆ˜]")
_MAX_ODD_SHARE = 0.1
_MAX_UNKNOWN_SHARE = 0.01
_STRAY = re.compile(r"[\udc80-\udcff]")
_STRAY_BYTES = {0xDC00 + byte: bytes([byte]).decode(_WESTERN, "ignore") for byte in range(128, 256)}


def decode_text(payload: bytes, encoding_hint: str | None, media_type: str) -> DecodedText | None:
    """Decode a document, repairing a wrong declaration where the bytes speak clearly.

    Args:
        payload: the document's bytes.
        encoding_hint: the charset that the transport or container names.
        media_type: a declaration inside is looked for in all but plain text.

    Returns:
        The text, or None if the bytes are no text in any encoding.
    """
    foreign = foreign_content(payload)
    if foreign is not None and foreign[0] != "empty":
        return None
    return (
        _by_mark(payload)
        or _by_zero_bytes(payload)
        or _as_utf8(payload)
        or _as_declared(payload, encoding_hint, media_type)
        or _as_detected(payload)
        or _as_assumed(payload)
    )


def _by_mark(payload: bytes) -> DecodedText | None:
    mark = byte_order_mark(payload)
    if mark is None:
        return None
    encoding, length = mark
    body = payload[length:]
    text = _mixed_utf8(body) if encoding == "utf-8" else body.decode(encoding, "replace")
    return DecodedText(text, encoding, "mark")


def _by_zero_bytes(payload: bytes) -> DecodedText | None:
    encoding = wide_encoding(payload)
    if encoding is None:
        return None
    return DecodedText(payload.decode(encoding, "replace"), encoding, "detected")


def _as_utf8(payload: bytes) -> DecodedText | None:
    """Decode what is UTF-8 but for a few bytes; ISO-2022-JP hides in ASCII."""
    if payload.isascii():
        if _ISO_2022_JP.search(payload) and (text := _decode(payload, "iso2022_jp", _MAX_LOSS)):
            return DecodedText(text, "iso2022_jp", "detected")
        return DecodedText(payload.decode("ascii"), "utf-8", "valid")
    text = _decode(payload, "utf-8", _MAX_LOSS_UTF8)
    if text is None:
        return None
    return DecodedText(_mixed_utf8(payload) if "\ufffd" in text else text, "utf-8", "valid")


def _mixed_utf8(payload: bytes) -> str:
    """Decode UTF-8 in which stray bytes are windows-1252, as in pages put together from several."""
    text = payload.decode("utf-8", "surrogateescape")
    return text if _STRAY.search(text) is None else text.translate(_STRAY_BYTES)


def _as_declared(payload: bytes, hint: str | None, media_type: str) -> DecodedText | None:
    own = _declaration(payload) if media_type != "text/plain" else None
    sources: tuple[tuple[str | None, EncodingSource], ...] = (
        (hint, "transport"),
        (own, "document"),
    )
    for label, source in sources:
        codec = _codec(label)
        # UTF-16 would have shown by now, and the bytes are not UTF-8.
        if codec is None or codec in _WIDE or _is_contradicted(payload, codec):
            continue
        if (decoded := _as_codec(payload, codec, source)) is not None:
            return decoded
    return None


def _is_contradicted(payload: bytes, codec: str) -> bool:
    """Whether the letters speak clearly for another single-byte charset than a declared one."""
    declared = fit_of(codec, payload)
    if declared is None or declared > 1 - _CLEAR_MARGIN:
        return False
    if len(payload) - len(payload.decode("ascii", "ignore")) < _MIN_EVIDENCE:
        return False
    best = best_fit(payload).fit
    return best >= _GOOD_FIT and best - declared > _CLEAR_MARGIN


def _as_detected(payload: bytes) -> DecodedText | None:
    """Decode by statistics over the bytes from the first that is not ASCII."""
    first = _HIGH_BYTE.search(payload)
    start = first.start() if first else 0
    sample = payload[start : start + _DETECTION_BYTES]
    for codec in _candidates(sample):
        if decoded := _as_codec(payload, codec, "detected"):
            return decoded
    return None


def _candidates(sample: bytes) -> Iterator[str]:
    """Yield the charsets that the bytes may be in, in the order in which to try them.

    Statistics know multi-byte charsets, and tell single-byte ones apart that fit equally well.
    """
    guess = _codec(detect_encoding(sample))
    if guess == "utf-8":  # the detector's answer where it has none
        guess = _by_normalizer(sample) if is_dense(sample) else None
    best, fit = best_fit(sample), fit_of(guess or "", sample)
    if _RARE.fullmatch(guess or "") and (fit or 0) <= (fit_of(_WESTERN, sample) or 0):
        guess, fit = None, None
    by_chance = guess in _MULTI_BYTE and best.fit >= _GOOD_FIT and not is_dense(sample)
    if guess is not None and not by_chance and (fit is None or fit >= best.fit):
        yield best.charset if _reads_alike(sample, guess, best.charset) else guess
    if guess is None or fit is not None or best.fit >= _GOOD_FIT:
        yield best.charset
    if guess is not None:
        yield guess


def _reads_alike(sample: bytes, one: str, other: str) -> bool:
    """Whether two charsets make the same text of these bytes, so that the commoner name will do."""
    return sample.decode(one, "replace") == sample.decode(other, "replace")


def _by_normalizer(sample: bytes) -> str | None:
    """Return charset-normalizer's answer: it knows Korean charsets and those of old Macs."""
    best = from_bytes(sample).best()
    return None if best is None else _codec(best.encoding)


def _as_assumed(payload: bytes) -> DecodedText | None:
    """Decode as windows-1252 what looks Western, or has too few bytes outside ASCII to tell."""
    outside_ascii = len(payload) - len(payload.decode("ascii", "ignore"))
    if outside_ascii <= _MAX_UNKNOWN_SHARE * len(payload):
        return DecodedText(payload.decode(_WESTERN, "ignore"), _WESTERN, "assumed")
    return _as_codec(payload, _WESTERN, "assumed")


def _as_codec(payload: bytes, codec: str, source: EncodingSource) -> DecodedText | None:
    """Decode; None if much is unreadable, or windows-1252, which fits all bytes, fits by chance."""
    text = _western(payload) if codec == _WESTERN else _decode(payload, codec, _MAX_LOSS)
    return None if text is None else DecodedText(text, codec, source)


def _western(payload: bytes) -> str | None:
    text = payload.decode(_WESTERN, "ignore")
    undefined = len(payload) - len(text)
    odd = sum(len(match) for match in _ODD_WESTERN.findall(text)) + undefined
    outside_ascii = len(payload) - len(text.encode("ascii", "ignore"))
    return None if odd > _MAX_ODD_SHARE * outside_ascii else text


def _decode(payload: bytes, codec: str, max_loss: float) -> str | None:
    """Decode; None if more than `max_loss` of the characters outside ASCII are unreadable."""
    try:
        return payload.decode(codec)
    except UnicodeDecodeError:
        text = payload.decode(codec, "replace")
    lost = text.count("\ufffd")
    outside_ascii = len(text) - len(text.encode("ascii", "ignore"))
    return text if lost <= max_loss * outside_ascii else None


def _declaration(payload: bytes) -> str | None:
    head = payload[:_DECLARATION_BYTES]
    for pattern in _DECLARATIONS:
        if match := pattern.search(head):
            return match[1].decode("ascii", "ignore")
    return None


def _codec(label: str | None) -> str | None:
    """Return the Python codec for a charset label of the wild; None if it is not known."""
    match = _LABEL.search(label or "")
    if match is None:
        return None
    name = match[0].lower()
    codec = _ALIASES.get(name) or map_encoding_to_html5(name, fallback_utf8=False)
    if codec is None:
        try:
            codec = codecs.lookup(name).name
        except LookupError:
            return None
    return _SUPERSETS.get(codec, codec) if _CHARSETS.fullmatch(codec) else None
