"""FineWeb-2's thresholds and stop words by language, and which of its languages a text is in.

The numbers come from the configurations that FineWeb-2 publishes (github.com/huggingface/fineweb-2,
Apache-2.0; its commit is named in the head of the data file beside this module). A language there
is a code of GlotLID: ISO 639-3 and a script, such as `fra_Latn`. The file is read when a first
language is asked for: 15 ms for all of them.
"""

from functools import cache
from pathlib import Path
from typing import Final

import polars as pl

from llm_assets.corpus.script import identify_scripts

_FILE: Final = Path(__file__).with_name("fineweb2_thresholds.tsv.gz")


@cache
def read_thresholds() -> pl.DataFrame:
    """Return one row a language.

    `code` is FineWeb-2's, `stop_words` a list in the Unicode form of cleaned texts (NFC). The other
    columns are thresholds, each by the reason of its rule, null where a language has no such rule.
    """
    words = pl.col("stop_words").str.normalize("NFC").str.split("|")
    return pl.read_csv(
        _FILE, separator="\t", comment_prefix="#", quote_char=None, infer_schema_length=None
    ).with_columns(pl.col(pl.Int64).cast(pl.Float64), stop_words=words)


@cache
def identified_thresholds() -> pl.DataFrame:
    """Return the rows of the languages that a text can be found to be in, in all their scripts."""
    language = pl.col("code").str.head(3)
    known = pl.Series(_CODES.values()).str.head(3).unique()
    return read_thresholds().filter(language.is_in(known.implode()))


def codes_of(frame: pl.DataFrame) -> pl.Series:
    """Return the code of each text's language; null where there are no thresholds for it.

    Where a language has thresholds in several scripts, those of the script of most letters count.

    Args:
        frame: with `text` and `language`, which is a code as `identify_languages` gives it.
    """
    rows = frame.select(
        "text", code=pl.col("language").replace_strict(_CODES, default=None, return_dtype=pl.String)
    ).with_row_index("row")
    several = rows.filter(pl.col("code").str.head(3).is_in(_written_in_several().implode()))
    own = several["code"].str.head(3) + "_" + identify_scripts(several["text"])
    known = own.is_in(read_thresholds()["code"].implode()).fill_null(value=False)
    found = several.select("row", code=own).filter(known)
    return rows.update(found, on="row")["code"]


@cache
def _written_in_several() -> pl.Series:
    """Return the languages that have thresholds in several scripts, by their three letters."""
    languages = read_thresholds()["code"].str.head(3)
    return languages.filter(languages.is_duplicated()).unique().sort()


_CODES: Final = {
    "af": "afr_Latn", "als": "gsw_Latn", "am": "amh_Ethi", "an": "arg_Latn", "ar": "arb_Arab",
    "arz": "arz_Arab", "as": "asm_Beng", "ast": "ast_Latn", "av": "ava_Cyrl", "az": "azj_Latn",
    "azb": "azb_Arab", "ba": "bak_Cyrl", "bar": "bar_Latn", "bcl": "bcl_Latn", "be": "bel_Cyrl",
    "bg": "bul_Cyrl", "bh": "bho_Deva", "bn": "ben_Beng", "bo": "bod_Tibt", "bpy": "bpy_Beng",
    "br": "bre_Latn", "bs": "bos_Latn", "bxr": "bxr_Cyrl", "ca": "cat_Latn", "cbk": "cbk_Latn",
    "ce": "che_Cyrl", "ceb": "ceb_Latn", "ckb": "ckb_Arab", "co": "cos_Latn", "cs": "ces_Latn",
    "cv": "chv_Cyrl", "cy": "cym_Latn", "da": "dan_Latn", "de": "deu_Latn", "diq": "diq_Latn",
    "dsb": "dsb_Latn", "dty": "dty_Deva", "dv": "div_Thaa", "el": "ell_Grek", "eml": "eml_Latn",
    "eo": "epo_Latn", "es": "spa_Latn", "et": "ekk_Latn", "eu": "eus_Latn", "fa": "fas_Arab",
    "fi": "fin_Latn", "fr": "fra_Latn", "frr": "frr_Latn", "fy": "fry_Latn", "ga": "gle_Latn",
    "gd": "gla_Latn", "gl": "glg_Latn", "gn": "gug_Latn", "gom": "gom_Deva", "gu": "guj_Gujr",
    "gv": "glv_Latn", "he": "heb_Hebr", "hi": "hin_Deva", "hif": "hif_Latn", "hr": "hrv_Latn",
    "hsb": "hsb_Latn", "ht": "hat_Latn", "hu": "hun_Latn", "hy": "hye_Armn", "ia": "ina_Latn",
    "id": "ind_Latn", "ie": "ile_Latn", "ilo": "ilo_Latn", "io": "ido_Latn", "is": "isl_Latn",
    "it": "ita_Latn", "ja": "jpn_Jpan", "jbo": "jbo_Latn", "jv": "jav_Latn", "ka": "kat_Geor",
    "kk": "kaz_Cyrl", "km": "khm_Khmr", "kn": "kan_Knda", "ko": "kor_Hang", "krc": "krc_Cyrl",
    "ku": "kmr_Latn", "kv": "kpv_Cyrl", "kw": "cor_Latn", "ky": "kir_Cyrl", "la": "lat_Latn",
    "lb": "ltz_Latn", "lez": "lez_Cyrl", "li": "lim_Latn", "lmo": "lmo_Latn", "lo": "lao_Laoo",
    "lrc": "lrc_Arab", "lt": "lit_Latn", "lv": "lvs_Latn", "mai": "mai_Deva", "mg": "plt_Latn",
    "mhr": "mhr_Cyrl", "min": "min_Latn", "mk": "mkd_Cyrl", "ml": "mal_Mlym", "mn": "khk_Cyrl",
    "mr": "mar_Deva", "mrj": "mrj_Cyrl", "ms": "zsm_Latn", "mt": "mlt_Latn", "mwl": "mwl_Latn",
    "my": "mya_Mymr", "myv": "myv_Cyrl", "mzn": "mzn_Arab", "nah": "nah_Latn", "nap": "nap_Latn",
    "nds": "nds_Latn", "ne": "npi_Deva", "new": "new_Deva", "nl": "nld_Latn", "nn": "nno_Latn",
    "no": "nob_Latn", "oc": "oci_Latn", "or": "ory_Orya", "os": "oss_Cyrl", "pa": "pan_Guru",
    "pam": "pam_Latn", "pfl": "pfl_Latn", "pl": "pol_Latn", "pms": "pms_Latn", "pnb": "pnb_Arab",
    "ps": "pbt_Arab", "pt": "por_Latn", "qu": "quy_Latn", "rm": "roh_Latn", "ro": "ron_Latn",
    "ru": "rus_Cyrl", "rue": "rue_Cyrl", "sa": "san_Deva", "sah": "sah_Cyrl", "sc": "srd_Latn",
    "scn": "scn_Latn", "sco": "sco_Latn", "sd": "snd_Arab", "sh": "srp_Latn", "si": "sin_Sinh",
    "sk": "slk_Latn", "sl": "slv_Latn", "so": "som_Latn", "sq": "als_Latn", "sr": "srp_Cyrl",
    "su": "sun_Latn", "sv": "swe_Latn", "sw": "swh_Latn", "ta": "tam_Taml", "te": "tel_Telu",
    "tg": "tgk_Cyrl", "th": "tha_Thai", "tk": "tuk_Latn", "tl": "fil_Latn", "tr": "tur_Latn",
    "tt": "tat_Cyrl", "tyv": "tyv_Cyrl", "ug": "uig_Arab", "uk": "ukr_Cyrl", "ur": "urd_Arab",
    "uz": "uzn_Latn", "vec": "vec_Latn", "vep": "vep_Latn", "vi": "vie_Latn", "vls": "vls_Latn",
    "vo": "vol_Latn", "wa": "wln_Latn", "war": "war_Latn", "wuu": "wuu_Hani", "xal": "xal_Cyrl",
    "xmf": "xmf_Geor", "yi": "ydd_Hebr", "yo": "yor_Latn", "yue": "yue_Hani", "zh": "cmn_Hani",
}  # fmt: skip
"""By language of lid.176, in its usual script: all of its 176 but English, which FineWeb-2 leaves
out. A code for a group of languages (ISO 639-3's macrolanguages) stands for the member that most of
the model's training texts are in: Bokmål for Norwegian, Ayacucho for Quechua; Serbo-Croatian is
taken as Serbian, which has thresholds in both of its scripts."""
