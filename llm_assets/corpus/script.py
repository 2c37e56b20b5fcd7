"""Which script a text is written in, as a code of ISO 15924: the one of most of its letters.

Characters belong to scripts by the Unicode tables of Polars' regex engine. Three codes stand for
more than one script, as the standard has it: Chinese is `Hans` or `Hant` where one of the two
shows, else `Hani`; Han and kana together are `Jpan`.
"""

from functools import cache
from typing import Final

import numpy as np
import polars as pl
from numpy.typing import NDArray

from llm_assets.corpus.script_kernels import (
    CHARACTERS_WITH_SCRIPT,
    HAN,
    KANA,
    NONE,
    SIMPLIFIED,
    TRADITIONAL,
    find_scripts,
)
from llm_assets.corpus.spans import arrow_buffers, character_series
from llm_assets.corpus.word_kernels import Bytes

Points = NDArray[np.int64]

NO_SCRIPT: Final = "Zyyy"
"""ISO 15924's code for undetermined script: a text without letters."""

_CHINESE_AND_JAPANESE: Final = {
    NONE: NO_SCRIPT,
    HAN: "Hani",
    SIMPLIFIED: "Hans",
    TRADITIONAL: "Hant",
    KANA: "Jpan",
}

# The names of the other scripts in Unicode 16, and their codes in ISO 15924.
_CODES: Final = """
    Adlam Adlm, Ahom Ahom, Anatolian_Hieroglyphs Hluw, Arabic Arab, Armenian Armn, Avestan Avst,
    Balinese Bali, Bamum Bamu, Bassa_Vah Bass, Batak Batk, Bengali Beng, Bhaiksuki Bhks,
    Bopomofo Bopo, Brahmi Brah, Buginese Bugi, Buhid Buhd, Canadian_Aboriginal Cans, Carian Cari,
    Caucasian_Albanian Aghb, Chakma Cakm, Cham Cham, Cherokee Cher, Chorasmian Chrs, Coptic Copt,
    Cuneiform Xsux, Cypriot Cprt, Cypro_Minoan Cpmn, Cyrillic Cyrl, Deseret Dsrt, Devanagari Deva,
    Dives_Akuru Diak, Dogra Dogr, Duployan Dupl, Egyptian_Hieroglyphs Egyp, Elbasan Elba,
    Elymaic Elym, Ethiopic Ethi, Garay Gara, Georgian Geor, Glagolitic Glag, Gothic Goth,
    Grantha Gran, Greek Grek, Gujarati Gujr, Gunjala_Gondi Gong, Gurmukhi Guru, Gurung_Khema Gukh,
    Hangul Hang, Hanifi_Rohingya Rohg, Hanunoo Hano, Hatran Hatr, Hebrew Hebr,
    Imperial_Aramaic Armi, Inscriptional_Pahlavi Phli, Inscriptional_Parthian Prti, Javanese Java,
    Kaithi Kthi, Kannada Knda, Kawi Kawi, Kayah_Li Kali, Kharoshthi Khar, Khitan_Small_Script Kits,
    Khmer Khmr, Khojki Khoj, Khudawadi Sind, Kirat_Rai Krai, Lao Laoo, Latin Latn, Lepcha Lepc,
    Limbu Limb, Linear_A Lina, Linear_B Linb, Lisu Lisu, Lycian Lyci, Lydian Lydi, Mahajani Mahj,
    Makasar Maka, Malayalam Mlym, Mandaic Mand, Manichaean Mani, Marchen Marc, Masaram_Gondi Gonm,
    Medefaidrin Medf, Meetei_Mayek Mtei, Mende_Kikakui Mend, Meroitic_Cursive Merc,
    Meroitic_Hieroglyphs Mero, Miao Plrd, Modi Modi, Mongolian Mong, Mro Mroo, Multani Mult,
    Myanmar Mymr, Nabataean Nbat, Nag_Mundari Nagm, Nandinagari Nand, New_Tai_Lue Talu, Newa Newa,
    Nko Nkoo, Nushu Nshu, Nyiakeng_Puachue_Hmong Hmnp, Ogham Ogam, Ol_Chiki Olck, Ol_Onal Onao,
    Old_Hungarian Hung, Old_Italic Ital, Old_North_Arabian Narb, Old_Permic Perm, Old_Persian Xpeo,
    Old_Sogdian Sogo, Old_South_Arabian Sarb, Old_Turkic Orkh, Old_Uyghur Ougr, Oriya Orya,
    Osage Osge, Osmanya Osma, Pahawh_Hmong Hmng, Palmyrene Palm, Pau_Cin_Hau Pauc, Phags_Pa Phag,
    Phoenician Phnx, Psalter_Pahlavi Phlp, Rejang Rjng, Runic Runr, Samaritan Samr,
    Saurashtra Saur, Sharada Shrd, Shavian Shaw, Siddham Sidd, SignWriting Sgnw, Sinhala Sinh,
    Sogdian Sogd, Sora_Sompeng Sora, Soyombo Soyo, Sundanese Sund, Sunuwar Sunu, Syloti_Nagri Sylo,
    Syriac Syrc, Tagalog Tglg, Tagbanwa Tagb, Tai_Le Tale, Tai_Tham Lana, Tai_Viet Tavt,
    Takri Takr, Tamil Taml, Tangsa Tnsa, Tangut Tang, Telugu Telu, Thaana Thaa, Thai Thai,
    Tibetan Tibt, Tifinagh Tfng, Tirhuta Tirh, Todhri Todr, Toto Toto, Tulu_Tigalari Tutg,
    Ugaritic Ugar, Vai Vaii, Vithkuqi Vith, Wancho Wcho, Warang_Citi Wara, Yezidi Yezi, Yi Yiii,
    Zanabazar_Square Zanb
"""

_LARGE: Final = ("Hangul", "Tangut", "Yi", "Latin", "Arabic", "Egyptian_Hieroglyphs", "Cuneiform")
"""Scripts of most letters: what is found early is not asked for 160 times."""

_SURROGATES: Final = range(0xD800, 0xE000)


def identify_scripts(texts: pl.Series) -> pl.Series:
    """Name the script of most letters of each text.

    Args:
        texts: strings; nulls are allowed.

    Returns:
        Codes of ISO 15924, in order, named `script`: `NO_SCRIPT` for a text without letters, null
        for null.
    """
    data, offsets = arrow_buffers(texts.fill_null(""))
    found = np.empty(len(texts), np.uint8)
    table, latin = _character_scripts()
    find_scripts(data, offsets, table, latin, found)
    codes = pl.Series("script", _script_codes(), pl.String).gather(found)
    return pl.select(pl.when(texts.is_not_null()).then(codes).alias("script")).to_series()


@cache
def _script_names() -> list[list[str]]:
    return [pair.split() for pair in _CODES.split(",")]


@cache
def _script_codes() -> list[str]:
    return [*_CHINESE_AND_JAPANESE.values(), *(code for _name, code in _script_names())]


@cache
def _character_scripts() -> tuple[Bytes, int]:
    """Return the script of each letter, by its place among the codes, and the place of Latin."""
    points = np.delete(np.arange(CHARACTERS_WITH_SCRIPT), _SURROGATES)
    letters = pl.DataFrame({"point": points, "character": character_series(points)})
    letters = letters.filter(pl.col("character").str.contains(r"\p{L}"))
    table: Bytes = np.zeros(CHARACTERS_WITH_SCRIPT, np.uint8)
    places = {
        name: place
        for place, (name, _code) in enumerate(_script_names(), start=len(_CHINESE_AND_JAPANESE))
    }
    names = [(r"\p{Han}", HAN), (r"[\p{Hiragana}\p{Katakana}]", KANA)]
    names += [(rf"\p{{{name}}}", places[name]) for name in dict.fromkeys([*_LARGE, *places])]
    for pattern, place in names:
        # Letters are of one script each: what is found need not be looked at again.
        is_found = letters["character"].str.contains(pattern)
        table[letters.filter(is_found)["point"].to_numpy()] = place
        letters = letters.filter(~is_found)
    _tell_chinese_apart(table)
    return table, _script_codes().index("Latn")


def _tell_chinese_apart(table: Bytes) -> None:
    """Mark the Han characters that only simplified or only traditional texts are written with.

    GB 2312 (1980) has what mainland China's simplified texts need, Big5 (1984) what Taiwan's
    traditional ones need; what one of the standards lacks is of the other.
    """
    points = np.flatnonzero(table == HAN)
    simplified, traditional = _can_be_written(points, "gb2312"), _can_be_written(points, "big5")
    table[points[simplified & ~traditional]] = SIMPLIFIED
    table[points[traditional & ~simplified]] = TRADITIONAL


def _can_be_written(points: Points, encoding: str) -> NDArray[np.bool_]:
    """Tell which characters an encoding has; it gives back each that it took, and no other."""
    every = points.astype("<u4").tobytes().decode("utf-32-le")
    written = every.encode(encoding, "ignore").decode(encoding)
    return np.isin(points, np.frombuffer(written.encode("utf-32-le"), "<u4"))
