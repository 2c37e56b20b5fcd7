"""Named settings of MinHash: what counts as a shingle, and how alike texts must be to be looked at.

Two texts become candidates where all minhashes of a band agree: with bands x rows hashes, texts of
Jaccard similarity s do so with probability 1 - (1 - s^rows)^bands.
"""

from dataclasses import dataclass
from typing import Final, Literal

ShingleUnit = Literal["word", "character"]
Family = Literal["native", "datatrove", "datatrove-sha1"]


@dataclass(frozen=True, slots=True)
class MinHash:
    """How signatures are made, and which candidates are near-duplicates."""

    bands: int
    """Groups of minhashes; one of them in common makes two texts candidates."""
    rows: int
    """Minhashes of a band."""
    shingle: int
    """Tokens of a shingle, or characters where the unit is "character"."""
    unit: ShingleUnit = "word"
    similarity: float = 0.75
    """Least true Jaccard similarity of near-duplicates, where pairs are verified."""
    family: Family = "native"
    """Whose tokens and hash functions: ours, or those of datatrove 0.10, bit for bit, with its
    default xxh64 or with the sha1 that FineWeb was made with."""

    def __post_init__(self) -> None:
        """Refuse what no signature can be made of.

        Raises:
            ValueError: for a number out of its range, or datatrove's characters.
        """
        if min(self.bands, self.rows, self.shingle) < 1:
            raise ValueError("bands, rows and shingle must be at least 1")
        if not 0 < self.similarity <= 1:
            raise ValueError(f"similarity {self.similarity} is not above 0 and at most 1")
        if self.family != "native" and self.unit != "word":
            raise ValueError("datatrove's shingles are of words")

    @property
    def hashes(self) -> int:
        """Minhashes of a signature."""
        return self.bands * self.rows


MINHASH_PROFILES: Final[dict[str, MinHash]] = {
    # arXiv 2406.17557, 3.4: 112 hashes of 5-grams, for documents at least 75 % alike.
    "fineweb": MinHash(14, 8, 5),
    # arXiv 2306.01116 after Lee et al. (2107.06499, appendix A), whose 9,000 hashes in 450 bands of
    # 20 find pairs that are then verified at 0.8. Read the other way, as 20 bands of 450, no two
    # texts are ever candidates but copies.
    "refinedweb": MinHash(450, 20, 5, similarity=0.8),
    # arXiv 2406.11794, appendix: 1,395 hashes in the place of RefinedWeb's 9,000.
    "dclm": MinHash(93, 15, 5, similarity=0.8),
    # NeMo Curator, the documentation of fuzzy deduplication: defaults, for about 0.8.
    "curator": MinHash(20, 13, 24, unit="character", similarity=0.8),
    # RedPajama-V2, README and configs/rp_v2.0.conf: 128 hashes of 13-grams, for what the names say.
    "rpv2@0.8": MinHash(9, 13, 13, similarity=0.8),
    "rpv2@0.7": MinHash(14, 9, 13, similarity=0.7),
    # marin-community/marin, pull request 7591: 286 hashes; half of the pairs at 0.72 are found.
    "marin": MinHash(26, 11, 5),
    # Data-Juicer, issue 546: 256 hashes; the default of jaccard_threshold.
    "data-juicer": MinHash(32, 8, 5, similarity=0.7),
    # datatrove 0.10, the defaults of MinhashConfig and HashConfig; and FineWeb's hash function.
    "datatrove-0.10": MinHash(14, 8, 5, family="datatrove"),
    "datatrove-0.10-sha1": MinHash(14, 8, 5, family="datatrove-sha1"),
}
"""The published settings. The native family applies them to our tokens and hash functions: what a
setting can find is the same, the hashes are not."""
