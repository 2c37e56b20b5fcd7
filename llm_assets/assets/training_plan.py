"""The recipe and the tokenizer -> the core's plan of training parts."""

from llm_assets.assets.mixture import budgeted_sources
from llm_assets.corpus.tokenization.tokenize import Tokenizer
from llm_assets.corpus.tokenization.vocabulary import UnusableTokenizerError
from llm_assets.corpus.training.fill_in_the_middle import MiddlePlan
from llm_assets.corpus.training.training_order import OrderPlan
from llm_assets.corpus.training.training_parts import TrainingPlan
from llm_assets.corpus.training.training_sequences import PackingPlan
from llm_assets.recipe import Corpus

_MOST_SHOWN = 20
"""Special tokens in a message; some tokenizers reserve hundreds."""


def training_plan(corpus: Corpus, tokenizer: Tokenizer) -> TrainingPlan:
    """Return what the recipe and the tokenizer say about training parts.

    Raises:
        UnusableTokenizerError: if the tokenizer lacks a special token that the recipe names.
    """
    recipe = corpus.recipe
    weights = {source.name: source.weight for source in corpus.sources if source.weight != 1.0}
    return TrainingPlan(
        order=OrderPlan(recipe.split.dealing(), weights, budgeted_sources(corpus)),
        formats=recipe.formats,
        end_of_document_id=tokenizer.end_of_document_id,
        token_dtype=tokenizer.token_dtype,
        packing=_packing_plan(corpus, tokenizer),
        middle=_middle_plan(corpus, tokenizer),
    )


def _packing_plan(corpus: Corpus, tokenizer: Tokenizer) -> PackingPlan | None:
    packing = corpus.recipe.packing
    if packing is None:
        return None
    padding_id = tokenizer.end_of_document_id
    if packing.padding_token is not None:
        padding_id = _special_token_id(tokenizer, packing.padding_token, "packing.padding_token")
    return PackingPlan(packing.sequence_length, packing.method, padding_id)


def _middle_plan(corpus: Corpus, tokenizer: Tokenizer) -> MiddlePlan | None:
    wanted = corpus.recipe.fill_in_the_middle
    if wanted is None:
        return None
    prefix, middle, suffix = (
        _special_token_id(tokenizer, getattr(wanted, name), f"fill_in_the_middle.{name}")
        for name in ("prefix", "middle", "suffix")
    )
    return MiddlePlan(
        rate=wanted.rate,
        spm_rate=wanted.spm_rate,
        prefix_id=prefix,
        middle_id=middle,
        suffix_id=suffix,
        end_of_document_id=tokenizer.end_of_document_id,
        encode=tokenizer.encode,
    )


def _special_token_id(tokenizer: Tokenizer, token: str, field: str) -> int:
    known = tokenizer.special_tokens
    if token not in known:
        shown = ", ".join(sorted(known)[:_MOST_SHOWN])
        raise UnusableTokenizerError(
            f"recipe.{field}: the tokenizer has no special token '{token}': name one that it has "
            f"({shown or 'it has none'}), or use a tokenizer with it"
        )
    return known[token]
