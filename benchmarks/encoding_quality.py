"""How often documents in legacy encodings are decoded to the right text, beside other detectors.

Real text (the Universal Declaration of Human Rights, one file a language, and Traditional Chinese
from page text) is written in each encoding that its language was ever written in, cut into pieces
and decoded again. A piece counts as right if its text comes back exactly.

    python benchmarks/encoding_quality.py DATA [--by-language]

DATA holds `languages/udhr/*.txt`, and `web/readability/pixnet/expected.html.gz` for Big5. A second
part reads UTF-8 wrongly, once and twice, and counts the documents and lines that are repaired, and
the sound ones that are changed.
"""

import argparse
import gzip
import re
import unicodedata
from collections.abc import Callable, Iterator
from pathlib import Path
from typing import NamedTuple

import polars as pl
from charset_normalizer import from_bytes
from resiliparse.parse.encoding import detect_encoding

from llm_assets.corpus.decode import decode_text
from llm_assets.corpus.mojibake import repair_garbled_lines

WESTERN = "deu fra spa ita por_PT por_BR nld swe dan nob nno fin isl fao cat eus glg gle sqi ltz"
CENTRAL = "pol ces slk hun slv hrv bos_latn srp_latn hsb"
LANGUAGES = {
    "cp1252": WESTERN,
    "iso8859-1": WESTERN,
    "iso8859-15": "fra fin deu est",
    "mac-roman": "fra deu spa ita swe",
    "cp850": "deu fra spa",
    "cp1250": CENTRAL,
    "iso8859-2": CENTRAL,
    "mac-latin2": "pol ces hun",
    "cp852": "pol ces hun",
    "cp1251": "rus ukr bel bul mkd srp_cyrl",
    "koi8-r": "rus",
    "koi8-u": "ukr",
    "iso8859-5": "rus bul srp_cyrl mkd",
    "cp866": "rus",
    "mac-cyrillic": "rus bul",
    "cp1253": "ell_monotonic",
    "iso8859-7": "ell_monotonic",
    "cp1254": "tur",
    "iso8859-9": "tur",
    "cp1255": "heb",
    "iso8859-8": "heb",
    "cp1256": "arb",
    "iso8859-6": "arb",
    "cp1257": "lit lav est",
    "iso8859-4": "lit lav est",
    "iso8859-13": "lit lav est",
    "iso8859-3": "epo mlt",
    "iso8859-16": "ron ron_1993",
    "cp1258": "vie",
    "cp874": "tha",
    "shift_jis": "jpn",
    "euc_jp": "jpn",
    "iso2022_jp": "jpn",
    "gb2312": "cmn_hans",
    "gbk": "cmn_hans",
    "gb18030": "cmn_hans",
    "big5": "zh_hant",
    "euc_kr": "kor",
    "cp949": "kor",
    "johab": "kor",
    "utf-8": "rus deu jpn hin vie arb tha kor",
    "utf-8-sig": "rus deu jpn hin vie arb tha kor",
    "utf-16": "rus deu jpn hin vie arb tha kor",
    "utf-16-le": "rus deu jpn hin vie arb tha kor",
    "utf-16-be": "rus deu jpn hin vie arb tha kor",
    "utf-32": "rus deu jpn hin",
    "utf-32-le": "rus deu jpn hin",
}
SHORT, LONG, PIECES = 200, 4000, 12


class Sample(NamedTuple):
    encoding: str
    language: str
    text: str
    payload: bytes


def texts_of(data: Path) -> dict[str, str]:
    folder = data / "languages" / "udhr"
    texts = {path.stem: path.read_text("utf-8") for path in sorted(folder.glob("*.txt"))}
    page = data / "web" / "readability" / "pixnet" / "expected.html.gz"
    if page.exists():
        html = gzip.decompress(page.read_bytes()).decode("utf-8")
        texts["zh_hant"] = " ".join(re.sub(r"<[^>]*>", " ", html).split())
    return texts


def samples_of(texts: dict[str, str], size: int) -> Iterator[Sample]:
    """Yield pieces of about `size` bytes that hold at least one character outside ASCII."""
    for encoding, languages in LANGUAGES.items():
        for language in languages.split():
            text = texts.get(language, "")
            if encoding == "cp1258":
                text = for_vietnamese(text)
            text = "".join(c for c in text if c in "\n" or encodable(c, encoding))
            per_char = max(len(text.encode(encoding)) / max(len(text), 1), 0.1)
            step = max(int(size / per_char), 1)
            starts = range(0, max(len(text) - step, 0) + 1, max(len(text) // PIECES, step))
            for start in list(starts)[:PIECES]:
                piece = text[start : start + step].strip()
                if piece and not piece.isascii():
                    yield Sample(encoding, language, piece, piece.encode(encoding))


def encodable(char: str, encoding: str) -> bool:
    try:
        return char.encode(encoding) != b""
    except UnicodeEncodeError:
        return False


def for_vietnamese(text: str) -> str:
    """Write tones as marks of their own, as windows-1258 has them."""
    tones = "\u0300\u0301\u0303\u0309\u0323"
    parted = []
    for char in unicodedata.normalize("NFC", text):
        decomposed = unicodedata.normalize("NFD", char)
        tone = "".join(mark for mark in decomposed if mark in tones)
        rest = "".join(mark for mark in decomposed if mark not in tones)
        parted.append(unicodedata.normalize("NFC", rest) + tone)
    return "".join(parted)


def ours(payload: bytes, hint: str | None = None) -> str | None:
    decoded = decode_text(payload, hint, "text/plain")
    return None if decoded is None else decoded.text


def by_charset_normalizer(payload: bytes) -> str | None:
    best = from_bytes(payload).best()
    return None if best is None else str(best)


def by_resiliparse(payload: bytes) -> str | None:
    try:
        return payload.decode(detect_encoding(payload), "replace").removeprefix("\ufeff")
    except LookupError:
        return None


MODES: dict[str, Callable[[Sample], str | None]] = {
    "ours, undeclared": lambda sample: ours(sample.payload),
    "charset-normalizer": lambda sample: by_charset_normalizer(sample.payload),
    "resiliparse": lambda sample: by_resiliparse(sample.payload),
    "ours, declared": lambda sample: ours(sample.payload, sample.encoding),
    "ours, declared utf-8": lambda sample: ours(sample.payload, "utf-8"),
    "ours, declared iso-8859-1": lambda sample: ours(sample.payload, "iso-8859-1"),
}


def measure(texts: dict[str, str], *, by_language: bool) -> None:
    for size in (SHORT, LONG):
        samples = list(samples_of(texts, size))
        print(f"\n### {size} bytes, {len(samples)} pieces\n")
        print("| encoding | languages | pieces | " + " | ".join(MODES) + " |")
        print("|---|---|---:|" + "---:|" * len(MODES))
        groups: dict[str, list[Sample]] = {}
        for sample in samples:
            key = f"{sample.encoding} {sample.language}" if by_language else sample.encoding
            groups.setdefault(key, []).append(sample)
        shares: dict[str, list[float]] = {mode: [] for mode in MODES}
        for key, group in groups.items():
            cells = []
            for mode, decode in MODES.items():
                right = sum(decode(sample) == sample.text for sample in group) / len(group)
                shares[mode].append(right)
                cells.append(f"{right:.2f}")
            languages = len({sample.language for sample in group})
            print(f"| {key} | {languages} | {len(group)} | {' | '.join(cells)} |")
        means = " | ".join(f"**{sum(found) / len(found):.3f}**" for found in shares.values())
        print(f"| mean over encodings | | {len(samples)} | {means} |")


MISREADINGS = (
    ("cp1252", 1, None),
    ("cp1252", 2, None),
    ("latin-1", 1, None),
    ("latin-1", 2, None),
    ("cp1250", 1, CENTRAL),
    ("cp1251", 1, LANGUAGES["cp1251"]),
    ("mac-roman", 1, WESTERN),
    ("cp437", 1, WESTERN),
)


def misread(text: str, charset: str, times: int) -> str:
    """Read a text's UTF-8 in another charset, as browsers do: undefined bytes are controls."""
    for _ in range(times):
        table = [bytes([byte]).decode(charset, "ignore") or chr(byte) for byte in range(256)]
        text = "".join(table[byte] for byte in text.encode())
    return text


def measure_repair(texts: dict[str, str]) -> None:
    # Controls in the originals are damage of their own, and are repaired on the way.
    sound = {name: text for name, text in texts.items() if not re.search(r"[\x80-\x9f]", text)}
    series = pl.Series(list(sound.values()))
    changed = int((repair_garbled_lines(series) != series).sum())
    print(f"\n### Mojibake: {changed} of {len(sound)} sound documents changed\n")
    print("| UTF-8 read as | times | documents | repaired | lines repaired |")
    print("|---|---:|---:|---:|---:|")
    for charset, times, languages in MISREADINGS:
        originals = [
            text
            for name, text in sound.items()
            if not text.isascii() and (languages is None or name in languages.split())
        ]
        garbled = pl.Series([misread(text, charset, times) for text in originals])
        repaired = repair_garbled_lines(garbled).to_list()
        whole = sum(map(str.__eq__, repaired, originals))
        lines = [
            before == after
            for one, other in zip(originals, repaired, strict=True)
            for before, after in zip(one.split("\n"), other.split("\n"), strict=True)
            if not before.isascii()
        ]
        share = sum(lines) / len(lines)
        print(f"| {charset} | {times} | {len(originals)} | {whole} | {share:.4f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("data", type=Path)
    parser.add_argument("--by-language", action="store_true")
    arguments = parser.parse_args()
    texts = texts_of(arguments.data)
    measure(texts, by_language=arguments.by_language)
    measure_repair(texts)


if __name__ == "__main__":
    main()
