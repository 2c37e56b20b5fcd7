"""A loader for torch's DataLoader; the only module here that imports torch."""

from collections.abc import Iterator
from copy import deepcopy
from typing import TYPE_CHECKING

# Not among our dependencies, so it is not there when types are checked.
from torch.utils.data import (  # type: ignore[import-not-found, unused-ignore]
    IterableDataset,
    get_worker_info,
)

from llm_assets.loader.batch import Batch, StoredBatch
from llm_assets.loader.reading import Reading, Share

if TYPE_CHECKING:
    from llm_assets.loader.token_loader import TokenLoader


class TokenIterableDataset(IterableDataset[Batch]):  # type: ignore[misc, unused-ignore]
    """Yields whole batches, for `DataLoader(dataset, batch_size=None, num_workers=...)`.

    The DataLoader takes from its workers in turn, and worker k makes every batch whose number is
    k modulo their number: so it hands out the loader's own order, for any number of workers.
    Resume by `loader.load_state_dict` before the DataLoader is iterated, with a state that
    `loader.state_after(batch)` gave.
    """

    def __init__(self, loader: "TokenLoader") -> None:
        """Read what `loader` would, from where it stands when the iteration begins."""
        self._loader = loader

    def __iter__(self) -> Iterator[Batch | StoredBatch]:
        info = get_worker_info()
        if info is None:
            reading: Reading[Batch] | Reading[StoredBatch] = self._loader.read()
        else:
            # A copy: a forked process would go on with locks and connections that are in use. On
            # its way to the main process a stored batch becomes one.
            loader = deepcopy(self._loader)
            reading = loader.read_stored(Share(info.id, info.num_workers))
        try:
            yield from reading
        finally:
            reading.close()
