"""Characters that carry no text: controls, zero-width marks, odd spaces, needless line ends.

Each rule is a replacement over a whole column. The order matters: what is removed can bring two
characters together that NFC composes, so composition comes after removal.
"""

from collections.abc import Callable

import polars as pl

# Line tabulation, form feed, next line, line separator; the paragraph separator makes a paragraph.
_LINE_END = r"\r\n?|[\x0b\x0c\u{85}\u{2028}]"
_PARAGRAPH_END = "\u2029"
# Controls but tab and line feed, soft hyphens, zero-width spaces and byte order marks, directional
# marks and isolates (which also disguise text), annotation marks, noncharacters, tag characters
# and selectors of glyph variants. Joiners are looked at below; U+FE0F makes emoji.
_REMOVED = (
    r"[\x00-\x08\x0e-\x1f\x7f-\u{84}\u{86}-\u{9f}\u{ad}\u{34f}\u{61c}\u{180e}\u{200b}\u{200e}"
    r"\u{200f}\u{202a}-\u{202e}\u{2060}-\u{206f}\u{feff}\u{fdd0}-\u{fdef}\u{fff0}-\u{fffc}"
    r"\u{fffe}\u{ffff}\u{e0000}-\u{e0fff}]"
)
_SPACES = r"[\u{a0}\u{1680}\u{2000}-\u{200a}\u{202f}\u{205f}]"
_TRAILING_SPACE = r"[ \t\u{3000}]+\n"
_BLANK_LINES = r"\n{3,}"

_JOINER = r"[\u{200c}\u{200d}]"
# In these scripts a joiner tells words apart (Persian) or chooses a letter form (Indic).
_JOINING_SCRIPTS = (
    r"\p{Arabic}\p{Syriac}\p{Mongolian}\p{Nko}\p{Devanagari}\p{Bengali}\p{Gurmukhi}\p{Gujarati}"
    r"\p{Oriya}\p{Tamil}\p{Telugu}\p{Kannada}\p{Malayalam}\p{Sinhala}\p{Myanmar}\p{Khmer}"
)
_EMOJI = r"\p{Extended_Pictographic}\u{fe0f}\u{1f3fb}-\u{1f3ff}"
# Stand-ins for joiners that stay: noncharacters, removed from the text before.
_KEPT_NON_JOINER, _KEPT_JOINER = "\ufdd0", "\ufdd1"

_MAYBE_NOT_NFC = (
    r"[\p{M}\u{374}\u{37e}\u{387}\u{958}-\u{9df}\u{a33}-\u{a5e}\u{b5c}\u{b5d}\u{f43}-\u{f69}"
    r"\u{1100}-\u{11ff}\u{1f71}-\u{1ffd}\u{2000}\u{2001}\u{2126}\u{212a}\u{212b}\u{2329}\u{232a}"
    r"\u{2adc}\u{f900}-\u{fb4e}\u{1d15e}-\u{1d1c0}\u{2f800}-\u{2fa1d}]"
)
"""Every character that is no NFC, or may change beside another (Unicode's NFC_Quick_Check)."""


def clean_characters(texts: pl.Series) -> pl.Series:
    """Return texts in NFC without the characters that carry no text; nulls stay.

    Lines end in line feeds and have no space before them; at most one line in a row is blank. The
    ideographic space stays inside lines: it is an indentation.
    """
    texts = (
        texts.str.replace_all(_LINE_END, "\n")
        .str.replace_all(_PARAGRAPH_END, "\n\n", literal=True)
        .str.replace_all(_REMOVED, "")
    )
    texts = change_where(texts, texts.str.contains(_JOINER), _drop_joiners)
    texts = change_where(texts, texts.str.contains(_MAYBE_NOT_NFC), _compose)
    return (
        texts.str.replace_all(_SPACES, " ")
        .str.replace_all(_TRAILING_SPACE, "\n")
        .str.replace_all(_BLANK_LINES, "\n\n")
        .str.strip_chars_end(" \t\n\u3000")
        .str.strip_chars_start(" \t\n")
    )


def change_where(
    texts: pl.Series, wanted: pl.Series, change: Callable[[pl.Series], pl.Series]
) -> pl.Series:
    """Return texts with `change` applied to those `wanted`, which are few as a rule."""
    places = wanted.fill_null(value=False).arg_true()
    # Polars' scatter changes the series that it is called on.
    return texts.clone().scatter(places, change(texts.gather(places))) if len(places) else texts


def _compose(texts: pl.Series) -> pl.Series:
    return texts.str.normalize("NFC")


def _drop_joiners(texts: pl.Series) -> pl.Series:
    """Drop joiners but after a letter that takes them, and before something to join to."""
    return (
        texts.str.replace_all(rf"([{_JOINING_SCRIPTS}])\u{{200c}}", f"${{1}}{_KEPT_NON_JOINER}")
        .str.replace_all(rf"([{_JOINING_SCRIPTS}{_EMOJI}])\u{{200d}}", f"${{1}}{_KEPT_JOINER}")
        .str.replace_all(_JOINER, "")
        .str.replace_all(rf"(?m)[{_KEPT_NON_JOINER}{_KEPT_JOINER}]+(\s|$)", "${1}")
        .str.replace_all(_KEPT_NON_JOINER, "\u200c", literal=True)
        .str.replace_all(_KEPT_JOINER, "\u200d", literal=True)
    )
