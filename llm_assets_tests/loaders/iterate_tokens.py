"""Read a release through torch's DataLoader, with several numbers of workers; prints JSON."""

import json
import sys
from itertools import islice

import torch
from torch.utils.data import DataLoader

from llm_assets.loader.token_loader import TokenLoader


def loader(place: str, **settings: object) -> TokenLoader:
    return TokenLoader(
        place, sequence_length=16, batch_size=4, epochs=2, as_torch=True, workers=1, **settings
    )


def batches(made: TokenLoader, workers: int, context: str | None = None) -> list[object]:
    found = DataLoader(
        made.as_iterable_dataset(),
        batch_size=None,
        num_workers=workers,
        multiprocessing_context=context,
    )
    return [[batch.epoch, batch.offsets.tolist(), batch.labels.tolist()] for batch in found]


def resumed(place: str, workers: int) -> list[object]:
    """What 5 batches of one DataLoader and the rest of another give, by the rest alone."""
    first = loader(place)
    data = DataLoader(first.as_iterable_dataset(), batch_size=None, num_workers=workers)
    *_, last = islice(data, 5)
    second = loader(place)
    second.load_state_dict(json.loads(json.dumps(first.state_after(last))))
    return batches(second, 3 - workers)


def main(place: str) -> None:
    one = next(iter(loader(place)))
    loss = torch.nn.functional.cross_entropy(torch.zeros(64, 60_000), one.labels.reshape(-1))
    report = {
        "types": [str(one.inputs.dtype), str(one.labels.dtype), list(one.inputs.shape)],
        "loss": round(float(loss), 3),
        "alone": [[b.epoch, b.offsets.tolist(), b.labels.tolist()] for b in loader(place)],
        "workers": {count: batches(loader(place), count) for count in (0, 1, 2, 3)},
        "spawned": batches(loader(place), 2, "spawn"),
        "resumed": {count: resumed(place, count) for count in (0, 1, 2)},
    }
    sys.stdout.write("\n" + json.dumps(report))


if __name__ == "__main__":
    main(sys.argv[1])
