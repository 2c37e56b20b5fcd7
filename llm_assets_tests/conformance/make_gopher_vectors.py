"""Write what three readings of Gopher's rules say of the documents: `vectors/gopher@*.parquet`.

`gopher@datatrove-0.10`, in an environment with `datatrove==0.10.1 spacy==3.8.18 pyarrow`:

    python make_gopher_vectors.py gopher@datatrove-0.10

`gopher@dolma`, in an environment with `dolma==1.2.1 pyarrow<20`, beside a checkout of allenai/dolma
at commit 669f534, whose configuration for the best third of Common Crawl has the rules:

    python make_gopher_vectors.py gopher@dolma dolma/configs/dolma-v1_6/mixing/cc-head.yaml

`gopher@dclm`, in an environment with `fasttext-numpy2-wheel uniseg==0.10.1 nltk Unidecode
transformers pyarrow`, beside a checkout of mlfoundations/dclm at commit 361714b:

    python make_gopher_vectors.py gopher@dclm dclm

The words that repetition is looked for in are stored as a hash of them all.
"""

import gzip
import json
import sys
import tempfile
from collections.abc import Callable, Iterable, Iterator
from pathlib import Path
from types import ModuleType
from typing import Any

from vectors_file import read_documents, short_hash, write_vectors

Row = dict[str, Any]
Documents = Iterable[tuple[str, str]]


def main(profile: str, *paths: str) -> None:
    ask, packages, more = ORIGINALS[profile]
    write_vectors(profile, ask(list(read_documents()), *map(Path, paths)), packages, **more)


def row(name: str, reason: str | None, **measured: float | str | None) -> Row:
    return {"name": name, "verdict": "drop" if reason else "keep", "reason": reason, **measured}


def hash_of(words: list[str]) -> str:
    return short_hash("\n".join(words))


def ask_datatrove(documents: Documents) -> Iterator[Row]:
    from datatrove.data import Document
    from datatrove.pipeline.filters import GopherQualityFilter, GopherRepetitionFilter
    from datatrove.utils.text import split_into_words

    filters = GopherRepetitionFilter(), GopherQualityFilter()
    for name, text in documents:
        results = (rules.filter(Document(text=text, id=name)) for rules in filters)
        reason = next((result[1] for result in results if result is not True), None)
        yield row(name, reason, words=hash_of(split_into_words(text)))


def ask_dolma(documents: Documents, mixer_config: Path) -> Iterator[Row]:
    """Ask the tagger, then the mixer with one rule at a time; the first that drops is the reason.

    The mixer has no reasons; each rule is known by the score that it names and how it compares.
    """
    import yaml
    from dolma import mixer
    from dolma.core.data_types import InputSpec
    from dolma.taggers.gopher import GopherTagger

    tag = GopherTagger().tag
    scores = {name: tag(InputSpec(id=name, text=text, source="x")) for name, text in documents}
    rules = yaml.safe_load(mixer_config.read_text())["streams"][0]["filter"]["exclude"]
    rules = [" ".join(rule.split()) for rule in rules if "gopher_v1" in rule]
    with tempfile.TemporaryDirectory() as folder:
        attributes = (
            {"id": name, "attributes": {f"gopher_rules__gopher_v1__{k}": v for k, v in s.items()}}
            for name, s in scores.items()
        )
        texts = ({"id": name, "text": text, "source": "x"} for name, text in documents)
        write_lines(Path(folder, "documents", "all.jsonl.gz"), texts)
        write_lines(Path(folder, "attributes", "gopher_rules", "all.jsonl.gz"), attributes)
        mixer(
            {
                "streams": [stream(folder, i, rule) for i, rule in enumerate(rules)],
                "work_dir": {"input": f"{folder}/in", "output": f"{folder}/out"},
                "processes": 1,
            }
        )
        kept = [kept_names(Path(folder, "kept", str(i))) for i in range(len(rules))]
    for name, score in scores.items():
        broken = next(
            (rule for rule, names in zip(rules, kept, strict=True) if name not in names), None
        )
        measured = {f"score_{key}": value[0][2] for key, value in score.items()}
        yield row(name, broken and dolma_reason(broken), **measured)


def stream(folder: str, number: int, rule: str) -> dict[str, Any]:
    return {
        "name": str(number),
        "documents": [f"{folder}/documents/*.gz"],
        "attributes": ["gopher_rules"],
        "filter": {"include": [], "exclude": [rule]},
        "output": {"path": f"{folder}/kept/{number}", "max_size_in_bytes": 1 << 40},
    }


def write_lines(path: Path, rows: Iterable[Row]) -> None:
    path.parent.mkdir(parents=True)
    with gzip.open(path, "wt") as file:
        file.writelines(json.dumps(row) + "\n" for row in rows)


def kept_names(folder: Path) -> set[str]:
    lines = b"".join(gzip.decompress(path.read_bytes()) for path in folder.glob("*.gz"))
    return {json.loads(line)["id"] for line in lines.split(b"\n") if line}


def dolma_reason(rule: str) -> str:
    compared = rule.split("gopher_v1__")[-1]
    score, comparison = compared.split("[")[0], compared.split()[1]
    return DOLMA_REASONS[score, comparison]


DOLMA_REASONS = {
    ("word_count", "<"): "gopher_short_doc",
    ("word_count", ">"): "gopher_long_doc",
    ("median_word_length", "<"): "gopher_below_avg_threshold",
    ("median_word_length", ">"): "gopher_above_avg_threshold",
    ("symbol_to_word_ratio", ">"): "gopher_too_many_symbols",
    ("fraction_of_words_with_alpha_character", "<"): "gopher_below_alpha_threshold",
    ("required_word_count", "<"): "gopher_enough_stop_words",
    ("fraction_of_lines_starting_with_bullet_point", ">"): "gopher_too_many_bullets",
    ("fraction_of_lines_ending_with_ellipsis", ">"): "gopher_too_many_end_ellipsis",
    ("fraction_of_duplicate_lines", ">"): "dup_line_frac",
    ("fraction_of_characters_in_duplicate_lines", ">"): "dup_line_char_frac",
    **{(f"fraction_of_characters_in_most_common_{n}gram", ">"): f"top_{n}_gram" for n in (2, 3, 4)},
    **{
        (f"fraction_of_characters_in_duplicate_{n}grams", ">"): f"duplicated_{n}_n_grams"
        for n in range(5, 11)
    },
}


def ask_dclm(documents: Documents, checkout: Path) -> Iterator[Row]:
    """Ask the filters of `dclm_baseline_refinedweb.yaml`, one after the other."""
    open_packages(checkout)
    from baselines.mappers.core_utils import split_words
    from baselines.mappers.filters import content_filters as filters

    cache: dict[str, Any] = {}

    def page_length(page: Row, **limit: int) -> list[Row]:
        return filters.page_length_filter(page, "word", ignore_punctuation=True, **limit)

    def repetition(*args: Any, **kwargs: Any) -> Callable[[Row], list[Row]]:
        # The cache is how massive_web_repetition_filters finds lines and words only once.
        return lambda page: filters.repetition_filter(page, *args, **kwargs, cache=cache)

    steps: list[tuple[str, Callable[[Row], list[Row]]]] = [
        ("gopher_short_doc", lambda page: page_length(page, min_length=50)),
        ("gopher_long_doc", lambda page: page_length(page, max_length=100_000)),
        ("gopher_below_avg_threshold", lambda page: filters.word_length_filter(page, 3)),
        ("gopher_above_avg_threshold", lambda page: filters.word_length_filter(page, 0, 10)),
        ("gopher_too_many_symbols", lambda page: filters.symbol_ratio_filter(page, 0.1)),
        ("gopher_too_many_bullets", lambda page: filters.bullet_count_filter(page, 0.9)),
        ("gopher_too_many_end_ellipsis", lambda page: filters.ellipsis_count_filter(page, 0.3)),
        ("gopher_below_alpha_threshold", filters.alphabetic_word_ratio_filter),
        ("gopher_enough_stop_words", lambda page: filters.stop_word_filter(page, False, 2)),
        ("dup_line_frac", repetition("line", 0.3, count_characters=False)),
        ("dup_para_frac", repetition("paragraph", 0.3, count_characters=False)),
        ("dup_line_char_frac", repetition("line", 0.2)),
        ("dup_para_char_frac", repetition("paragraph", 0.2)),
        *((f"top_{n}_gram", repetition(n, f)) for n, f in ((2, 0.2), (3, 0.18), (4, 0.16))),
        *((f"duplicated_{n}_n_grams", repetition(n, (20 - n) / 100)) for n in range(5, 11)),
    ]
    for name, text in documents:
        page = {"text": text}
        cache.clear()
        reason = next((reason for reason, step in steps if not step(page)), None)
        words = split_words(text, ignore_punctuation=True, model="uniseg")
        yield row(name, reason, words=hash_of(words))


def open_packages(checkout: Path) -> None:
    """Make modules of these packages importable without all that the packages import."""
    for name in ("", ".core", ".mappers", ".mappers.filters"):
        package = sys.modules[f"baselines{name}"] = ModuleType(f"baselines{name}")
        package.__path__ = [str(checkout / f"baselines{name}".replace(".", "/"))]
    sys.modules["core"] = sys.modules["baselines.core"]


ORIGINALS: dict[str, tuple[Callable[..., Iterator[Row]], list[str], dict[str, str]]] = {
    "gopher@datatrove-0.10": (ask_datatrove, ["datatrove", "spacy"], {}),
    "gopher@dolma": (ask_dolma, ["dolma"], {"configuration": "669f534"}),
    "gopher@dclm": (ask_dclm, ["uniseg", "fasttext-numpy2-wheel"], {"dclm": "361714b"}),
}


if __name__ == "__main__":
    main(*sys.argv[1:])
