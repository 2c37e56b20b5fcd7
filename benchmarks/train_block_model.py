"""Learn `llm_assets/corpus/pages/block_model.npz`, which tells a page's main content.

    python benchmarks/train_block_model.py FOLDER... --held-out FOLDER --output MODEL
        [--teacher-python PYTHON] [--folds 5]

The folders hold truth sets (see `truth_sets.py`). No page of a held-out set, nor any other page of
its site, is learned from. Of pages that only have snippets, those are learned from that a peer, run
with the teacher's Python, is right about: it finds all wanted snippets and no unwanted one, and its
text is taken for the truth.
With `--folds`, the whole procedure is repeated leaving out a part of the sites at a time, and the
F1 of words on the parts left out is printed.

Beside the project it needs catboost. Everything is seeded, so a run can be repeated.
"""

import argparse
import json
import random
import re
import tempfile
from collections import defaultdict
from collections.abc import Iterable, Iterator, Sequence
from dataclasses import dataclass, replace
from pathlib import Path
from statistics import mean
from typing import Any

import numpy as np
from block_labels import Floats, block_labels, text_words
from catboost import CatBoost, Pool
from extraction_quality import peer_texts, snippet_score, word_score
from numpy.typing import NDArray
from truth_sets import TruthPage, truth_sets
from word_odds import word_odds

from llm_assets.corpus.pages.block_features import Features
from llm_assets.corpus.pages.block_model import (
    CHANCE_ONE,
    SCORE_ONE,
    Ints,
    Trees,
    block_chances,
    feature_rows,
    look_at,
    model_of,
)
from llm_assets.corpus.pages.block_text import blocks_text
from llm_assets.corpus.pages.html_scan import name_hash, open_table
from llm_assets.corpus.pages.html_text import PageRefusedError, parse_page
from llm_assets.corpus.pages.main_content import likely_blocks
from llm_assets.corpus.pages.page_layout import Layout, WordScores, page_layout
from llm_assets.corpus.pages.page_tables import (
    ATTRIBUTES,
    ATTRIBUTES_END,
    NODE,
    PARENT,
    SUM_BLOCKS,
    WORDS,
)

FIRST_TREES, SECOND_TREES = 130, 90
INNER_FOLDS = 3
SEED = 7
BOOSTING: dict[str, Any] = {
    "loss_function": "CrossEntropy",
    "depth": 6,
    "learning_rate": 0.13,
    "l2_leaf_reg": 6,
    "border_count": 64,
    "rsm": 0.3,
    "bootstrap_type": "MVS",
    "subsample": 0.7,
    "random_seed": SEED,
    "allow_writing_files": False,
    "verbose": False,
}
# Of the attributes that `page_vocabulary` reads for words.
NAMES = re.compile(rb' (?:class|id|data-testid|data-component|aria-label)="([^"]*)"')
WORD_OF_NAME = re.compile(rb"[A-Z]+[a-z]*|[a-z]+")
LONGEST_LOG_ODDS = 8


@dataclass(frozen=True)
class Sample:
    """A page to learn from."""

    page: TruthPage
    html: bytes  # as a parser writes it back
    words: list[list[str]]
    labels: Floats
    weights: Floats
    names: list[tuple[float, float, set[str]]]
    """Of each node with text: its words, those of them in the main text, the words of its names."""

    @property
    def sizes(self) -> Floats:
        return np.array([len(words) for words in self.words], float)


def sample_of(page: TruthPage) -> Sample:
    html = str(parse_page(page.html).tree).encode()
    layout = page_layout(html, WordScores(open_table({}), open_table({})))
    numbers = np.arange(len(layout.blocks))
    words = [text_words(blocks_text(layout, numbers[i : i + 1])) for i in numbers]
    labels = block_labels(words, page.text or "")
    names = list(names_of(layout, words, labels))
    return Sample(page, html, words, labels, weights_of(page, words), names)


def weights_of(page: TruthPage, words: Sequence[Sequence[str]]) -> Floats:
    """Return what the error in each block costs: F1 is a mean over pages, and no page is all."""
    sizes = np.array([len(found) for found in words], float)
    weights = sizes / (len(text_words(page.text or "")) + 50)
    return weights * min(1.0, 2.5 / max(weights.sum(), 1e-9)) + 0.0003


def names_of(
    layout: Layout, words: Sequence[Sequence[str]], labels: Floats
) -> Iterator[tuple[float, float, set[str]]]:
    inside, all_of_it = np.zeros(len(layout.nodes)), np.zeros(len(layout.nodes))
    for block, found, label in zip(layout.blocks, words, labels, strict=True):
        all_of_it[block[NODE]] += len(found)
        inside[block[NODE]] += label * len(found)
    for i in range(len(layout.nodes) - 1, 0, -1):
        all_of_it[layout.nodes[i, PARENT]] += all_of_it[i]
        inside[layout.nodes[i, PARENT]] += inside[i]
    for i in np.flatnonzero(layout.nodes[:, SUM_BLOCKS] > 0):
        tag = layout.data[layout.nodes[i, ATTRIBUTES] : layout.nodes[i, ATTRIBUTES_END]].tobytes()
        found = {
            word.decode().lower()
            for value in NAMES.findall(tag)
            for word in WORD_OF_NAME.findall(value)
        }
        yield all_of_it[i], inside[i], found


def word_scores(samples: Sequence[Sample]) -> dict[str, dict[str, int]]:
    """Count what the words of names and of texts tell of being content."""
    names, texts = [], []
    for sample in samples:
        share = float((sample.sizes * sample.labels).sum() / max(1, sample.sizes.sum()))
        counts: dict[str, list[float]] = defaultdict(lambda: [0.0, 0.0])
        for all_of_it, inside, found in sample.names:
            for word in found:
                counts[word][0] += all_of_it
                counts[word][1] += inside
        names.append((sample.page.site, share, counts))
        counts = defaultdict(lambda: [0.0, 0.0])
        for words, label in zip(sample.words, sample.labels, strict=True):
            for word in words:
                counts[word][0] += 1
                counts[word][1] += label
        texts.append((sample.page.site, share, counts))
    return {
        "name": word_odds(names, min_sites=5, min_odds=0.1),
        "text": word_odds(texts, min_sites=10, min_odds=0.4, limit=4000),
    }


def tables(scores: dict[str, dict[str, int]]) -> WordScores:
    return WordScores(
        *(open_table({name_hash(w): s for w, s in scores[k].items()}) for k in ("name", "text"))
    )


def rows_of(sample: Sample, words: WordScores, chances: Ints | None = None) -> Features:
    layout = page_layout(sample.html, words)
    return np.concatenate(list(feature_rows(layout, chances)), axis=1)


def boosted(rows: Features, labels: Floats, weights: Floats, count: int) -> Trees:
    """Learn trees; of the many blocks of little weight a part stands for all."""
    kept = np.clip(0.6 * weights / np.median(weights), 0.2, 1)
    taken = np.random.RandomState(SEED).rand(len(weights)) < kept
    model = CatBoost(BOOSTING | {"iterations": count})
    model.fit(Pool(rows[:, taken].T, labels[taken], weight=(weights / kept)[taken]))
    with tempfile.TemporaryDirectory() as folder:
        path = Path(folder) / "model.json"
        model.save_model(str(path), format="json")
        return trees_of(json.loads(path.read_bytes()))


def trees_of(model: dict[str, Any]) -> Trees:
    indices = [each["flat_feature_index"] for each in model["features_info"]["float_features"]]
    depth, count = BOOSTING["depth"], len(model["oblivious_trees"])
    features = np.zeros((count, depth), np.int32)
    borders = np.full((count, depth), np.inf, np.float32)  # a question that is always answered no
    leaves = np.zeros((count, 2**depth), np.int32)
    for i, tree in enumerate(model["oblivious_trees"]):
        for level, split in enumerate(tree["splits"] or ()):
            features[i, level] = indices[split["float_feature_index"]]
            borders[i, level] = split["border"]
        values = np.array(tree["leaf_values"])
        leaves[i, : len(values)] = np.round(values * SCORE_ONE)
    _, (start,) = model["scale_and_bias"]
    return Trees(features, borders, leaves, round(start * SCORE_ONE))


def learn(samples: Sequence[Sample]) -> dict[str, NDArray[Any]]:
    """Learn a model; what its parts learn from each other comes from pages they did not see."""
    fold = folds_of(samples, INNER_FOLDS)
    parts = range(INNER_FOLDS)
    words = [tables(word_scores(outside(samples, fold, k))) for k in parts]
    labels = [sample.labels for sample in samples]
    weights = [sample.weights for sample in samples]
    rows = [rows_of(sample, words[k]) for sample, k in zip(samples, fold, strict=True)]
    chances: list[Ints] = [np.empty(0, np.int32)] * len(samples)
    for k in parts:
        first = boosted(
            *(joined(outside(each, fold, k)) for each in (rows, labels, weights)), FIRST_TREES
        )
        for i in np.flatnonzero(fold == k):
            chances[i] = look_at(rows[i], first, chance_table())
    first = boosted(joined(rows), joined(labels), joined(weights), FIRST_TREES)
    rows = [rows_of(s, words[k], c) for s, k, c in zip(samples, fold, chances, strict=True)]
    second = boosted(joined(rows), joined(labels), joined(weights), SECOND_TREES)
    return arrays_of(word_scores(samples), first, second)


def joined(arrays: Sequence[NDArray[Any]]) -> NDArray[Any]:
    return np.concatenate(arrays, axis=-1)


def outside(items: Sequence[Any], fold: NDArray[np.int64], k: int) -> list[Any]:
    return [item for item, part in zip(items, fold, strict=True) if part != k]


def folds_of(samples: Sequence[Sample], count: int) -> NDArray[np.int64]:
    """Deal the sites out; pages of a site stay together."""
    sites = sorted({sample.page.site for sample in samples})
    random.Random(SEED).shuffle(sites)
    fold = {site: i % count for i, site in enumerate(sites)}
    return np.array([fold[sample.page.site] for sample in samples])


def chance_table() -> Ints:
    steps = np.arange(-LONGEST_LOG_ODDS * SCORE_ONE, LONGEST_LOG_ODDS * SCORE_ONE + 1) / SCORE_ONE
    return np.round(CHANCE_ONE / (1 + np.exp(-steps))).astype(np.int32)


def arrays_of(
    scores: dict[str, dict[str, int]], first: Trees, second: Trees
) -> dict[str, NDArray[Any]]:
    held: dict[str, NDArray[Any]] = {"chances": chance_table().astype(np.int16)}
    for kind, found in scores.items():
        held[f"{kind}_words"] = np.array(sorted(found))
        held[f"{kind}_scores"] = np.array([found[word] for word in sorted(found)], np.int16)
    for look, trees in (("first", first), ("second", second)):
        held[f"{look}_features"] = trees.features.astype(np.uint8)
        held[f"{look}_borders"] = trees.borders
        held[f"{look}_leaves"] = trees.leaves.astype(np.int16)
        held[f"{look}_start"] = np.array(trees.start)
    return held


def found_text(sample: Sample, held: dict[str, NDArray[Any]]) -> str:
    model = model_of(held)
    layout = page_layout(sample.html, model.words)
    words = np.maximum(layout.blocks[:, WORDS], 1)
    return blocks_text(layout, likely_blocks(block_chances(layout, model), words))


def taught(pages: Sequence[TruthPage], python: Path) -> Iterator[TruthPage]:
    """Give pages with snippets a text where a peer is right about all of them."""
    found = peer_texts(pages, python)
    for i, page in enumerate(pages):
        texts = (peer.texts[i] for peer in found.values())
        right = (text for text in texts if snippet_score([text], [page]).f1 == 1)
        text = next(right, None)
        if text:
            yield replace(page, text=text)


def cross_validate(samples: Sequence[Sample], count: int) -> None:
    fold = folds_of(samples, count)
    scores = defaultdict(list)
    for k in range(count):
        held = learn(outside(samples, fold, k))
        for sample in (sample for sample, part in zip(samples, fold, strict=True) if part == k):
            score = word_score(found_text(sample, held), sample.page.text or "")
            scores["all"].append(score.f1)
            scores[sample.page.kind].append(score.f1)
        print(f"fold {k}: F1 of words {mean(scores['all']):.3f} so far", flush=True)
    for kind, values in sorted(scores.items()):
        print(f"| {kind} | {len(values)} | {mean(values):.3f} |")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__.splitlines()[0])
    parser.add_argument("folders", nargs="+", type=Path)
    parser.add_argument("--held-out", type=Path, required=True)
    parser.add_argument("--output", type=Path, required=True)
    parser.add_argument("--teacher-python", type=Path)
    parser.add_argument("--folds", type=int)
    arguments = parser.parse_args()
    known = [page for pages in truth_sets(arguments.held_out).values() for page in pages]
    seen = {page.site for page in known} | {page.name for page in known}
    samples = []
    for page in pages_of(arguments.folders, arguments.teacher_python):
        if seen & {page.site, page.name}:
            continue
        try:
            sample = sample_of(page)
        except PageRefusedError as error:
            print(f"{page.name} is left out: {error}")
            continue
        if sample.words:
            samples.append(sample)
    print(f"{len(samples)} pages of {len({sample.page.site for sample in samples})} sites")
    if arguments.folds:
        cross_validate(samples, arguments.folds)
    np.savez_compressed(arguments.output, **learn(samples))


def pages_of(folders: Iterable[Path], teacher: Path | None) -> Iterator[TruthPage]:
    for folder in folders:
        for pages in truth_sets(folder).values():
            if pages[0].text is not None:
                yield from pages
            elif teacher:
                yield from taught(pages, teacher)


if __name__ == "__main__":
    main()
