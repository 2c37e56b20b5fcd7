"""Words as the Unicode standard bounds them (UAX #29), punctuation left out."""

from functools import cache
from typing import Final

from llm_assets.corpus.profiles import unicode_word_kernels as kernels
from llm_assets.corpus.span_kernels import Classes
from llm_assets.corpus.spans import Spans, classify, room_for_spans, trimmed
from llm_assets.corpus.word_kernels import Bytes, Offsets

_KINDS: Final = (
    (r"\p{wb=ALetter}", kernels.LETTER),
    (r"\p{wb=Hebrew_Letter}", kernels.HEBREW),
    (r"\p{wb=Numeric}", kernels.NUMERIC),
    (r"\p{wb=Katakana}", kernels.KATAKANA),
    (r"\p{wb=ExtendNumLet}", kernels.EXTENDER),
    (r"[\p{wb=Extend}\p{wb=Format}\p{wb=ZWJ}]", kernels.SKIPPED),
    (r"\p{wb=MidLetter}", kernels.MID_LETTER),
    (r"\p{wb=MidNum}", kernels.MID_NUMBER),
    (r"\p{wb=MidNumLet}", kernels.MID_BOTH),
    (r"\p{wb=Single_Quote}", kernels.SINGLE_QUOTE),
    (r"\p{wb=Double_Quote}", kernels.DOUBLE_QUOTE),
    (r"\p{wb=Regional_Indicator}", kernels.REGIONAL),
    (r"[\p{wb=CR}\p{wb=LF}\p{wb=Newline}]", kernels.LINE_END),
    (r"\p{wb=WSegSpace}", kernels.SPACE),
    (r"\p{Extended_Pictographic}", kernels.PICTOGRAPH),
    (r"[\p{L}\p{N}]", kernels.ALPHANUMERIC),
)


def find_unicode_words(data: Bytes, offsets: Offsets) -> Spans:
    """Find what stands between two word boundaries of each text and starts with an alphanumeric.

    So punctuation, symbols and whitespace are no words, and `can't` and `3.14` are one. A character
    is alphanumeric as Python's `str.isalnum` has it: a letter or a number, no mark.

    Args:
        data: the texts' UTF-8 bytes.
        offsets: where each text starts, and the end of the last.
    """
    words = room_for_spans(offsets)
    kernels.find_words(data, offsets, _word_break_classes(), *words)
    return trimmed(words)


@cache
def _word_break_classes() -> Classes:
    return classify(_KINDS)
