"""Precision and recall of redaction, by kind, beside other tools on the same paragraphs.

    python benchmarks/redaction_quality.py [--each 300] [--seed 1] [--show 5]
        [--datatrove PYTHON] [--presidio PYTHON]

Paragraphs with planted values, and with what only looks like one (`redaction_sample.py`), are put
into real documents. A value counts as found if it is replaced, whole and with nothing around it,
by the placeholder of its kind. Peers get the paragraphs alone, and have found a value if what they
find holds it. Then the documents themselves are redacted, without anything planted:
what is found there is printed by kind, to be looked at.
"""

import argparse
import json
import random
import subprocess
from collections import Counter
from pathlib import Path

import polars as pl
from redaction_sample import Planted, draw_sample

from llm_assets.corpus.personal_data.pii_kinds import KINDS, PLACEHOLDERS
from llm_assets.corpus.redact import redact

HERE = Path(__file__).resolve().parent
DOCUMENTS = HERE.parent / "llm_assets_tests" / "conformance" / "documents.parquet"

Verdict = tuple[bool, Counter[str]]
"""Whether the value was found, and how many other things were, by kind."""


def ours(sample: list[Planted], documents: pl.DataFrame, seed: int) -> list[Verdict]:
    """Redact each paragraph in the midst of a document."""
    draw = random.Random(seed)
    texts = documents["text"].to_list()
    lines = [texts[draw.randrange(len(texts))].split("\n") for _ in sample]
    places = [draw.randrange(len(each) + 1) for each in lines]

    def redacted(pieces: list[list[str]]) -> list[str]:
        languages = [planted.language for planted in sample]
        frame = pl.DataFrame({"text": ["\n".join(each) for each in pieces], "language": languages})
        return redact(frame, KINDS)["text"].to_list()

    before = redacted([each[:at] for each, at in zip(lines, places, strict=True)])
    behind = redacted([each[at:] for each, at in zip(lines, places, strict=True)])
    whole = redacted(
        [
            [*each[:at], p.text, *each[at:]]
            for each, at, p in zip(lines, places, sample, strict=True)
        ]
    )
    return list(map(_verdict, sample, whole, before, behind))


def _verdict(planted: Planted, text: str, before: str, behind: str) -> Verdict:
    # Nothing of the document around it may change.
    assert text.startswith(before)
    assert text.endswith(behind)
    paragraph = text[len(before) : len(text) - len(behind)].strip("\n")
    others = Counter({kind: paragraph.count(mark) for kind, mark in PLACEHOLDERS.items()})
    if planted.kind is None:
        return False, +others
    mark = PLACEHOLDERS[planted.kind]  # type: ignore[index]
    found = paragraph == (planted.before + mark + planted.behind).strip("\n")
    others[planted.kind] -= found
    return found, +others


def peer(name: str, python: str, sample: list[Planted]) -> list[Verdict]:
    """Ask a peer about each paragraph."""
    run = subprocess.run(
        [python, str(HERE / "redaction_peers.py"), name],
        input="\n".join(json.dumps(planted.text) for planted in sample),
        capture_output=True,
        text=True,
        check=True,
    )
    verdicts = []
    for planted, line in zip(sample, run.stdout.splitlines(), strict=True):
        answers = json.loads(line)
        right = [kind for kind, value in answers if planted.kind and planted.value in value]
        # A part of the value, found as what it is, counts neither for the peer nor against it.
        others = Counter(
            kind
            for kind, value in answers
            if kind != planted.kind or not (planted.value in value or value in planted.value)
        )
        verdicts.append((planted.kind in right, +others))
    return verdicts


def table(sample: list[Planted], verdicts: dict[str, list[Verdict]]) -> str:
    """Return precision and recall by kind, a column a tool."""
    head = "| kind | values | " + " | ".join(f"{name} P | {name} R" for name in verdicts) + " |"
    lines = [head, "|---|---:|" + "---:|---:|" * len(verdicts)]
    for kind in KINDS:
        of_kind = [place for place, planted in enumerate(sample) if planted.kind == kind]
        cells = []
        for answers in verdicts.values():
            right = sum(answers[place][0] for place in of_kind)
            wrong = sum(others[kind] for _, others in answers)
            knows = right + wrong > 0
            cells.append(f"{right / (right + wrong):.3f}" if knows else "-")
            cells.append(f"{right / len(of_kind):.3f}" if knows else "-")
        lines.append(f"| {kind} | {len(of_kind)} | {' | '.join(cells)} |")
    return "\n".join(lines)


def show(sample: list[Planted], verdicts: list[Verdict], count: int) -> None:
    """Print what was missed and what was found wrongly."""
    missed = [p for p, (found, _) in zip(sample, verdicts, strict=True) if p.kind and not found]
    wrong = [(p, dict(o)) for p, (_, o) in zip(sample, verdicts, strict=True) if o]
    for kind in KINDS:
        for planted in [p for p in missed if p.kind == kind][:count]:
            print(f"missed {kind} ({planted.language}): {planted.text[:160]!r}")
    for planted, others in wrong[: 8 * count]:
        print(f"wrong {others} ({planted.language}): {planted.text[:160]!r}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("--each", type=int, default=300, help="values of each kind")
    parser.add_argument("--seed", type=int, default=1)
    parser.add_argument("--show", type=int, default=0, help="mistakes to print of each kind")
    parser.add_argument("--datatrove", help="the interpreter of an environment with datatrove")
    parser.add_argument("--presidio", help="the interpreter of one with presidio-analyzer")
    options = parser.parse_args()
    documents = pl.read_parquet(DOCUMENTS).select("text", "language")
    sample = draw_sample(options.seed, options.each)
    verdicts = {"llm-assets": ours(sample, documents, options.seed)}
    for name in ("datatrove", "presidio"):
        python = getattr(options, name)
        if python:
            verdicts[name] = peer(name, python, sample)
    print(table(sample, verdicts))
    show(sample, verdicts["llm-assets"], options.show)
    counts = redact(documents, KINDS)["pii_counts"].struct.unnest().sum().row(0, named=True)
    print(f"in {len(documents):,} documents without planted values: {counts}")


if __name__ == "__main__":
    main()
