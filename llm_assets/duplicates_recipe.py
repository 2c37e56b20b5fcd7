"""The recipe's section on duplicates."""

from typing import Annotated, Literal

from pydantic import Field

from llm_assets.corpus.duplication.policy import DuplicatePolicy, KeepRule, Scope
from llm_assets.corpus.duplication.profiles import MINHASH_PROFILES, MinHash
from llm_assets.corpus.split import Dealing
from llm_assets.recipe_model import Model

DuplicateProfile = Literal[
    "exact",
    "fineweb",
    "refinedweb",
    "dclm",
    "curator",
    "rpv2@0.8",
    "rpv2@0.7",
    "marin",
    "data-juicer",
    "datatrove-0.10",
    "datatrove-0.10-sha1",
]

_OF_EQUAL_TEXTS = 1.0


class Duplicates(Model):
    """Which documents are duplicates, and which of them stays."""

    profile: DuplicateProfile = "fineweb"
    """What proposes near-duplicates (docs/duplicates.md); `exact`: only equal texts are any."""
    verify: bool = True
    """Compare each proposed document with the one that would stay, and drop it only if their
    similarity is at least as asked for. Without it, all that bands connect counts as one group, of
    which one stays."""
    similarity: Annotated[float, Field(gt=0, le=1)] | None = None
    """Least share of common shingles (Jaccard); the profile's when absent."""
    containment: Annotated[float, Field(gt=0, le=1)] | None = None
    """Drop excerpts too: documents that have this share of their shingles in the one that stays."""
    split_similarity: Annotated[float, Field(gt=0, le=1)] = 0.5
    """Of documents that both stay, were compared and are at least this similar, none are in two
    splits: the one in the larger split is left out."""
    keep: list[KeepRule] = ["source_priority", "quality", "length"]
    """What decides who stays, in this order; then the smallest doc_id."""
    scope: Scope = "corpus"
    """Which duplicates are dropped: `corpus` all, `source` those of a document of the same source,
    `cross-source` those of a document of another one."""

    @property
    def minhash(self) -> MinHash | None:
        """What proposes near-duplicates; None if only equal texts are any."""
        return MINHASH_PROFILES.get(self.profile)

    @property
    def needs_spacy(self) -> bool:
        """Whether shingles are of spaCy's words."""
        return self.minhash is not None and self.minhash.family != "native"

    @property
    def least_similarity(self) -> float:
        """The similarity in force."""
        usual = _OF_EQUAL_TEXTS if self.minhash is None else self.minhash.similarity
        return usual if self.similarity is None else self.similarity

    def policy(self, splits: Dealing) -> DuplicatePolicy:
        """Return what the text core needs to know.

        Args:
            splits: how the recipe deals documents.
        """
        return DuplicatePolicy(
            minhash=self.minhash,
            verify=self.verify,
            similarity=self.least_similarity,
            containment=self.containment,
            split_similarity=self.split_similarity,
            keep=self.keep,
            scope=self.scope,
            splits=splits,
        )
