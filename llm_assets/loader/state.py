"""Where a loader stands, as a small JSON object."""

from collections.abc import Mapping
from typing import Any

from llm_assets.loader.errors import LoaderError

_VERSION = 1
_FIXES = {
    "content_hash": "it is of another release ({release}): open that one, or start anew",
    "split": "it is of the split '{saved}', and this is '{now}'",
    "sequence_length": "it has sequence_length={saved}, and this loader {now}",
    "global_batch": "it has {saved} samples a step over all ranks (batch_size x world_size), and"
    " this loader {now}: another number of ranks needs another batch_size",
    "seed": "it has seed={saved}, and this loader {now}",
    "shuffle": "it has shuffle={saved}, and this loader {now}",
    "shuffle_bytes": "it has shuffle_bytes={saved}, and this loader {now}",
}


def saved_state(
    identity: Mapping[str, Any], release: str, epoch: int, samples_seen: int
) -> dict[str, Any]:
    """Return a state.

    Args:
        identity: what the order of samples follows from; the keys of `_FIXES`.
        release: the release's version, for messages.
        epoch: the current epoch, from 0.
        samples_seen: samples of this epoch that were handed out, over all ranks.
    """
    return {
        "state_version": _VERSION,
        "release": release,
        "epoch": epoch,
        "samples_seen": samples_seen,
        **identity,
    }


def checked_state(state: Mapping[str, Any], identity: Mapping[str, Any]) -> tuple[int, int]:
    """Return the epoch and the step of a state.

    Raises:
        LoaderError: if it is no state, or one of another order of samples.
    """
    if not isinstance(state, Mapping) or state.get("state_version") != _VERSION:
        raise LoaderError("this is no state that this version of TokenLoader has saved")
    for name, fix in _FIXES.items():
        if state.get(name) != identity[name]:
            told = fix.format(
                release=state.get("release"), saved=state.get(name), now=identity[name]
            )
            raise LoaderError(f"the state does not fit: {told}")
    epoch, seen = state.get("epoch"), state.get("samples_seen")
    if not isinstance(epoch, int) or not isinstance(seen, int) or min(epoch, seen) < 0:
        raise LoaderError("the state is damaged: epoch and samples_seen are numbers from 0 on")
    return epoch, seen // int(identity["global_batch"])
