"""A split's token stream: the files of its parts, end to end."""

from itertools import accumulate

import numpy as np

from llm_assets.loader.places import STORED, Place, Tokens
from llm_assets.loader.release_split import ReleaseSplit


class TokenStream:
    """Reads ranges of the stream, across files; may be used by several threads."""

    def __init__(self, place: Place, split: ReleaseSplit) -> None:
        """Read the files of `split` at `place`."""
        self._place = place
        self._files = split.files
        starts = accumulate((file.tokens for file in split.files), initial=0)
        self._starts = np.fromiter(starts, dtype=np.int64)
        self.dtype = STORED[split.item_bytes]

    @property
    def reads_wait(self) -> bool:
        """Whether a read waits for the network, so that several at once are faster."""
        return self._place.reads_wait

    def read(self, start: int, count: int) -> Tokens:
        """Return `count` tokens, at least one, from `start` on; all must be there."""
        at = int(np.searchsorted(self._starts, start, side="right")) - 1
        pieces: list[Tokens] = []
        while count > 0:
            file, first = self._files[at], start - int(self._starts[at])
            taken = min(count, file.tokens - first)
            pieces.append(self._place.read(file, first, taken))
            start, count, at = start + taken, count - taken, at + 1
        return pieces[0] if len(pieces) == 1 else np.concatenate(pieces)
