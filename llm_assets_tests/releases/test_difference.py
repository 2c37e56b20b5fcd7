"""What two releases differ in."""

from llm_assets.io.object_store import ObjectStore
from llm_assets.releases.difference import RecipeChange, compare_releases
from llm_assets_tests.releases.tiny import Tiny, document, release

BEFORE = Tiny(
    {
        "shard-0000": {"train": [document("same", "text")]},
        "shard-0001": {
            "train": [document("edited", "old"), document("gone", "away", "books")],
            "test": [document("stays", "x")],
        },
        "shard-0002": {"train": [document("moves shard", "y")]},
    }
)
AFTER = Tiny(
    {
        "shard-0000": {"train": [document("same", "text")]},
        "shard-0001": {
            "train": [document("edited", "newer"), document("stays", "x")],
            "validation": [document("new", "z"), document("moves shard", "y")],
        },
        "shard-0003": {"train": [document("twice", "t"), document("twice", "t", repeat=1)]},
    },
    recipe={"split": {"seed": 1, "extra": [1]}},
)


def test_everything_that_differs_is_found(store: ObjectStore) -> None:
    found = compare_releases(release(store, BEFORE), release(store, AFTER, "v2"))
    assert found.parts == {
        "shared": ["shard-0000"],
        "changed": ["shard-0001"],
        "added": ["shard-0003"],
        "removed": ["shard-0002"],
    }
    assert found.documents.rows() == [
        ("added", "pages", "new"),
        ("added", "pages", "twice"),
        ("removed", "books", "gone"),
        ("split_changed", "pages", "moves shard"),
        ("split_changed", "pages", "stays"),
        ("text_changed", "pages", "edited"),
    ]
    assert found.recipe == [
        RecipeChange("recipe.split.extra", None, [1]),
        RecipeChange("recipe.split.seed", 0, 1),
    ]
    assert found.mixture.rows() == [
        ("test", "pages", 1, 0, 2, 0),
        ("train", "books", 1, 0, 5, 0),
        ("train", "pages", 3, 4, 11, 17),
        ("validation", "pages", 0, 2, 0, 4),
    ]


def test_of_the_same_content_nothing_differs_and_nothing_is_read(
    folder_store: ObjectStore,
) -> None:
    first, second = release(folder_store, BEFORE), release(folder_store, BEFORE, "v2")
    for key, _ in list(folder_store.keys("training_split/")):
        folder_store.delete(key)
    found = compare_releases(first, second)
    assert found.parts["shared"] == ["shard-0000", "shard-0001", "shard-0002"]
    assert found.recipe == []
    assert found.documents.is_empty()
    assert (found.mixture["tokens_before"] == found.mixture["tokens_after"]).all()
