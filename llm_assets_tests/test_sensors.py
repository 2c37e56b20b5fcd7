"""Which shards were made from older decisions than today's."""

from dataclasses import dataclass, replace

from llm_assets.io.shards import ShardVersion
from llm_assets.sensors import _behind

ENTRY = ShardVersion("x", "shard-0000", "v1", "", "", {}, 0, 0, {}, "run")


@dataclass
class Tables:
    """Current versions by asset and shard, as the catalog gives them."""

    decision: dict[str, ShardVersion]
    follower: dict[str, ShardVersion]

    def current(self, asset: str) -> dict[str, ShardVersion]:
        return self.decision if asset == "decision" else self.follower


def made_from(decision: str, version: str) -> ShardVersion:
    return replace(ENTRY, made_from={decision: version}, revision=3)


def test_a_shard_follows_its_own_decision() -> None:
    decided = {"a": replace(ENTRY, version="new"), "b": ENTRY}
    followers = {
        "a": made_from("decision/a", "old"),
        "b": made_from("decision/b", "v1"),
        "c": made_from("decision/c", "v1"),
    }
    assert _behind(Tables(decided, followers), "decision", "follower") == {"a": "new:3"}


def test_every_shard_follows_a_decision_about_the_whole() -> None:
    followers = {"a": made_from("decision/all", "old"), "b": made_from("decision/all", "v1")}
    tables = Tables({"all": ENTRY}, followers)
    assert _behind(tables, "decision", "follower", "all") == {"a": "v1:3"}
    assert _behind(Tables({}, followers), "decision", "follower", "all") == {}
