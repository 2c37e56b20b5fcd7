"""The table of characters: it never changes, and bounds what kernels write."""

import hashlib
import sys

from llm_assets.corpus.shingling.characters import NOTHING, SEPARATES, SEVERAL, character_table


def test_the_table_never_changes() -> None:
    """Signatures are kept: another table makes all of them, and what was decided by them, wrong."""
    digests = [hashlib.blake2b(a.tobytes(), digest_size=8).hexdigest() for a in character_table()]
    assert sys.byteorder == "little"
    assert digests == ["ef9b55229eebec52", "673a434e018ff460", "ddfed9af70ce4d67"]


def test_nothing_stands_for_more_characters_than_it_has_bytes() -> None:
    table = character_table()
    several = table.several.tolist()
    for point in (table.kinds & SEVERAL).nonzero()[0].tolist():
        start = int(table.mapped[point])
        codes = several[start : several.index(0, start)]
        assert 2 <= len(codes) <= len(chr(point).encode())
        assert not any(table.kinds[code] & (SEPARATES | NOTHING) for code in codes)
