import polars as pl
import pytest

from llm_assets.corpus.contamination.evaluation_index import (
    EVALUATION_NGRAMS,
    EVALUATION_TEXTS,
    MOST_TEXTS,
    NgramIndex,
    index_ngrams,
)

TREES = "alder birch cedar date elm fir gum hazel ivy juniper kauri larch maple nutmeg oak pine"
WORDS = TREES.split()


def words(count: int, start: int = 0) -> str:
    return " ".join(WORDS[start : start + count])


def indexed(*texts: tuple[str, int, str], ngram_words: int = 13) -> pl.DataFrame:
    frame = index_ngrams(pl.DataFrame(texts, EVALUATION_TEXTS, orient="row"), ngram_words)
    assert frame.schema == EVALUATION_NGRAMS
    return frame


def sizes(ngrams: pl.DataFrame) -> list[int | None]:
    return ngrams["word_count"].to_list()


@pytest.mark.parametrize(
    ("text", "found"),
    [
        (words(16), [13] * 4),
        (words(13), [13]),
        (words(12), [12]),
        (words(8), [8]),
        (words(7), [None]),
        ("", [None]),
        ("1 2 3 4 5 6 7 8 9 10 11 12 13 14", [None]),
        ("1 one 2 two 3 three 4 four 5 five 6 six (7", [None]),
        ("ha " * 20, [None]),
        ("日本語の文章はこの長さで足りる", [13] * 3),
    ],
)
def test_what_is_looked_for(text: str, found: list[int | None]) -> None:
    assert sizes(indexed(("set", 1, text))) == found


@pytest.mark.parametrize(("ngram_words", "found"), [(5, [5] * 4), (8, [8]), (9, [8]), (100, [8])])
def test_the_size_is_the_recipes(ngram_words: int, found: list[int]) -> None:
    assert sizes(indexed(("set", 1, words(8)), ngram_words=ngram_words)) == found


def test_the_same_words_written_otherwise_are_one_ngram() -> None:
    one = indexed(("set", 1, "Zwölf Äpfel, 12 Birnen: und 3 Kirschen; doch keine einzige Pflaume!"))
    same = indexed(("set", 1, "zwolf apfel 7 birnen und 4 kirschen doch keine einzige pflaume"))
    assert one.equals(same)


def test_an_ngram_names_its_items() -> None:
    ngrams = indexed(
        ("b", 1, words(8)),
        ("a", 3, words(8)),
        ("b", 7, words(8)),
        ("b", 7, words(8)),
        ("b", 2, "no"),
    )
    assert ngrams.select("benchmark", "items").rows() == [("a", [3]), ("b", [1, 7]), ("b", [2])]
    assert ngrams["ngram_hash"].null_count() == 1


def test_an_item_with_an_ngram_in_one_of_its_texts_can_be_found() -> None:
    ngrams = indexed(("set", 1, words(8)), ("set", 1, "short"))
    assert sizes(ngrams) == [8]


def test_a_sets_template_is_left_out() -> None:
    template = words(13)
    few = [("set", item, f"{template} {WORDS[-item % 3]}x{item}x") for item in range(MOST_TEXTS)]
    more = [*few, ("set", 99, f"{template} zelkova")]
    common = set(indexed(*few)["ngram_hash"]) & set(indexed(("set", 0, template))["ngram_hash"])
    assert len(common) == 1
    assert not common & set(indexed(*more)["ngram_hash"])


def test_a_passage_that_many_items_quote_counts_once() -> None:
    quoting = [("set", item, words(13)) for item in range(3 * MOST_TEXTS)]
    ngrams = indexed(*quoting)
    assert ngrams["items"].to_list() == [list(range(3 * MOST_TEXTS))]


def test_the_order_of_texts_does_not_matter() -> None:
    texts = [("b", 2, words(14)), ("a", 1, words(14, 1)), ("b", 1, words(15)), ("c", 5, "x")]
    assert indexed(*texts).equals(indexed(*reversed(texts)))


def test_an_ngram_of_two_sets_has_two_owners() -> None:
    index = NgramIndex.of(indexed(("a", 1, words(8)), ("b", 4, words(8))), 13)
    assert index.owners.sort("benchmark").rows() == [(0, "a", [1]), (0, "b", [4])]
    assert len(index.heads) == 1


def test_nothing_to_look_for() -> None:
    index = NgramIndex.of(indexed(("a", 1, "short")), 13)
    assert len(index.find_heads(index.heads)) == 0
    assert index.owners.is_empty()
