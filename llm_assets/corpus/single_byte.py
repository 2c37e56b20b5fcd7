"""Which single-byte charset a text is in, by the alphabets of the languages that it can hold.

Single-byte charsets fit all bytes, so only the result tells: read rightly, the letters outside
ASCII are letters of one language, signs do not stand inside words, and capitals begin words. Czech
read as windows-1252 has `ø` beside `ì`, which no language has. Statistical detectors do not ask for
one language and confuse the charsets of Central Europe, the Baltic, old Macs and DOS.

Alphabets: exemplar characters of the Unicode CLDR (https://cldr.unicode.org, Unicode License v3).
"""

from collections.abc import Collection
from functools import cache
from typing import NamedTuple

import numpy as np
import numpy.typing as npt

_CYRILLIC = "абвгдежзийклмнопрстуфхцчшщъыьэюя"
_ALPHABETS = {
    "sq": "çë",
    "eu": "çñü",
    "ca": "àçèéíïòóúü",
    "cy": "àáâäéêëîïôöûŵŷ",
    "da": "åæéóø",
    "de": "äöüß",
    "eo": "ĉĝĥĵŝŭ",
    "es": "áéíñóúü¿¡ªº",
    "et": "äõöüšž",
    "fi": "äåöšž",
    "fo": "áæíðóøúý",
    "fr": "àâæçèéêëîïôùûüÿœ",
    "ga": "áéíóú",
    "gd": "àèéìòóù",
    "gl": "áéíïñóúü",
    "is": "áæéíðóöúýþ",
    "it": "àèéìíîòóùú",
    "lb": "äâéèêëîôöûü",
    "nb": "àåæèéêòóôø",
    "nl": "áâäèéêëíïóôöúûü",
    "pt": "àáâãçéêíòóôõúüªº",
    "sv": "àåäéö",
    "cs": "áéíóúýčďěňřšťůž",
    "hsb": "óćčěłńŕřśšźž",
    "hr": "ćčđšž",
    "hu": "áéíóöúüőű",
    "pl": "óąćęłńśźż",
    "ro": "âîășțşţ",
    "sk": "áäéíóôúýčďĺľňŕšťž",
    "lt": "ąčęėįšūųž",
    "lv": "āčēģīķļņōŗšūž",
    "mt": "àèéìòùċġħż",
    "tr": "âçîöûüğışi̇",
    "be": "абвгдежзйклмнопрстуфхцчшыьэюяёіў",
    "bg": "абвгдежзийклмнопрстуфхцчшщъьюяѝ",
    "mk": "абвгдежзиклмнопрстуфхцчшѓѕјљњќџ",
    "ru": _CYRILLIC + "ё",
    "sr": "абвгдежзиклмнопрстуфхцчшђјљњћџ",
    "uk": "абвгдежзийклмнопрстуфхцчшщьюяєіїґ",
    "el": "αβγδεζηθικλμνξοπρςστυφχψωΐάέήίΰϊϋόύώ",
    "he": "אבגדהוזחטיךכלםמןנסעףפץצקרשתְֱֲִֵֶַָֹּׁׂװױײ",
    "ar": "ءآأؤإئابةتثجحخدذرزسشصضطظعغفقكلمنهوىيًٌٍَُِّْـ،؛؟پچژگکیےں",
    "th": "".join(map(chr, range(0x0E01, 0x0E5C))),
}
# The most used first: of charsets that make the same text, this decides the name.
_CHARSETS = (
    *("cp1252", "cp1250", "cp1251", "cp1253", "cp1254", "cp1255", "cp1256", "cp1257", "cp874"),
    *("iso8859-2", "iso8859-3", "iso8859-4", "iso8859-5", "iso8859-6", "iso8859-7", "iso8859-8"),
    *("iso8859-13", "iso8859-15", "iso8859-16", "koi8-r", "koi8-u", "cp866", "cp850", "cp852"),
    *("mac-roman", "mac-latin2", "mac-cyrillic"),
)
_OTHER_SCRIPTS = (
    *("cp1251", "cp1253", "cp1255", "cp1256", "cp874", "iso8859-5", "iso8859-6", "iso8859-7"),
    *("iso8859-8", "koi8-r", "koi8-u", "cp866", "mac-cyrillic"),
)
_LATIN_CHARSETS = tuple(charset for charset in _CHARSETS if charset not in _OTHER_SCRIPTS)
# Signs of typography and trade, which stand in texts of all languages, but not inside words.
_SIGNS = "\u00a0\u00ad«»‹›“”„‚‘’–—…•·°§©®™€£½×†№"
_WITHIN_WORDS = "\u00ad’·‘"
_MAX_SAMPLE = 1 << 14
_FIRST_OTHER_SCRIPT = "\u0370"
_OTHER, _LOWER, _UPPER, _LETTER, _SIGN, _ODD = range(6)
_Bytes = npt.NDArray[np.uint8]


class CharsetFit(NamedTuple):
    """How well a charset fits: 1 if all outside ASCII reads as text of one language."""

    charset: str
    fit: float


def fit_of(charset: str, payload: bytes) -> float | None:
    """Return how well a charset fits a text; None if its languages are not known here."""
    return _fit(charset, _sample(payload)).fit if charset in _CHARSETS else None


def best_fit(payload: bytes) -> CharsetFit:
    """Return the charset that fits a text best; of equals the one with the fewest capitals.

    Of equals in that too it is the most used one.
    """
    sample = _sample(payload)
    charsets = _CHARSETS if is_dense(payload) else _LATIN_CHARSETS
    fits = {charset: _fit(charset, sample) for charset in charsets}
    charset = max(fits, key=lambda name: (fits[name].fit, -fits[name].capitals))
    return CharsetFit(charset, fits[charset].fit)


def is_dense(payload: bytes) -> bool:
    """Whether bytes outside ASCII stand together, as in all scripts but the Latin one."""
    sample = _sample(payload)
    outside = sample >= 128
    letter = _table("cp1252").latin[sample] & ~outside
    together = int((outside[:-1] & outside[1:]).sum())
    beside_letters = int(((outside[:-1] & letter[1:]) | (letter[:-1] & outside[1:])).sum())
    return together > beside_letters


def _sample(payload: bytes) -> _Bytes:
    """Return the parts of a text around its bytes outside ASCII."""
    data = np.frombuffer(payload, np.uint8)
    outside = data >= 128
    near = outside.copy()
    near[1:] |= outside[:-1]
    near[:-1] |= outside[1:]
    return data[near][:_MAX_SAMPLE]


class _Fit(NamedTuple):
    fit: float
    capitals: int  # behind capitals


def _fit(charset: str, sample: _Bytes) -> _Fit:
    outside = sample >= 128
    total = int(outside.sum())
    if not total:
        return _Fit(1.0, 0)
    table = _table(charset)
    counts = np.bincount(sample[outside] - np.uint8(128), minlength=128)
    strange = float((table.strange @ counts).min()) + float(counts[table.kinds[128:] == _ODD].sum())
    kinds, either = table.kinds[sample], outside[:-1] | outside[1:]
    is_letter = (kinds == _LOWER) | (kinds == _UPPER) | (kinds == _LETTER)
    behind_lower, behind_upper = kinds[:-1] == _LOWER, kinds[:-1] == _UPPER
    is_upper = (kinds[1:] == _UPPER) & either
    within = is_letter[:-2] & (kinds[1:-1] == _SIGN) & is_letter[2:]
    latin, other = table.latin[sample], table.other_script[sample]
    mixed = (latin[:-1] & other[1:]) | (other[:-1] & latin[1:])
    bad = strange + sum(int(found.sum()) for found in (behind_lower & is_upper, within, mixed))
    return _Fit(1.0 - bad / total, int((behind_upper & is_upper).sum()))


class _Table(NamedTuple):
    kinds: _Bytes  # of all 256 bytes
    latin: npt.NDArray[np.bool_]  # ditto: letters of the Latin script
    other_script: npt.NDArray[np.bool_]  # ditto: letters of another one
    strange: npt.NDArray[np.float64]  # languages x upper bytes: a letter that it does not have


@cache
def _table(charset: str) -> _Table:
    chars = [bytes([byte]).decode(charset, "replace") for byte in range(256)]
    kinds = np.array([_kind(char) for char in chars], np.uint8)
    rows = [
        [float(_is_strange(char, alphabet)) for char in chars[128:]]
        for alphabet in _ALPHABETS.values()
    ]
    latin = np.array([char.isalpha() and char < _FIRST_OTHER_SCRIPT for char in chars])
    return _Table(kinds, latin, ~latin & np.array(list(map(_is_letter, chars))), np.array(rows))


def _kind(char: str) -> int:
    if (char.isascii() and not char.isalpha()) or char in _WITHIN_WORDS:
        return _OTHER
    if char in _SIGNS:
        return _SIGN
    if not _is_letter(char):
        return _ODD
    return _LOWER if char.islower() else _UPPER if char.isupper() else _LETTER


def _is_letter(char: str) -> bool:
    return char.isalpha() or any(char in alphabet for alphabet in _ALPHABETS.values())


def _is_strange(char: str, alphabet: Collection[str]) -> bool:
    """Whether a letter or the mark of one is not in this alphabet."""
    return _is_letter(char) and char not in alphabet and char.lower() not in alphabet
