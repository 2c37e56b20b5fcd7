"""Lines of a page's frame are known, and sentences that only resemble them are not."""

import polars as pl
import pytest

from llm_assets.corpus.pages.page_frame import COOKIE_BANNER, NAVIGATION

FRAMES = [
    (COOKIE_BANNER, "We use cookies to improve your experience."),
    (COOKIE_BANNER, "This website uses its own and third-party cookies. Read on."),
    (COOKIE_BANNER, "By continuing to browse, you agree to our use of cookies"),
    (COOKIE_BANNER, "Accept all cookies"),
    (COOKIE_BANNER, "Manage cookie settings"),
    (COOKIE_BANNER, "Cookie Preferences"),
    (COOKIE_BANNER, "Diese Website verwendet Cookies."),
    (COOKIE_BANNER, "En poursuivant votre navigation sur ce site, vous acceptez les cookies."),
    (COOKIE_BANNER, "Utilizamos cookies propias y de terceros"),
    (COOKIE_BANNER, "Мы используем файлы cookie"),
    (COOKIE_BANNER, "当サイトではクッキーを使用しています"),
    (NAVIGATION, "Skip to main content"),
    (NAVIGATION, "Back to top"),
    (NAVIGATION, "» Next"),
    (NAVIGATION, "Previous | Next"),
    (NAVIGATION, "Share on Facebook Twitter"),
    (NAVIGATION, "Home > Products > Shoes"),
    (NAVIGATION, "Leave a Reply Cancel reply"),
    (NAVIGATION, "12 Comments"),
    (NAVIGATION, "Read more »"),
    (NAVIGATION, "Terms of Use | Privacy Policy | Contact"),
    (NAVIGATION, "Copyright 2014 Example Ltd. All rights reserved."),
    (NAVIGATION, "Please enable JavaScript to view the comments."),
    (NAVIGATION, "Zum Inhalt springen"),
]

TEXTS = [
    "Cookies are small baked treats.",
    "She always uses cookies as a reward, and they work.",
    "The court held that the site had to ask before storing cookies on a device.",
    "The next chapter is about menus.",
    "He went home > and slept",
    "Next to the river stands a mill.",
    "Share prices fell on Monday.",
    "Parameters",
    "Contact lenses",
    "Read more books and fewer screens.",
    "Print works of the nineteenth century",
    "Home",
    "The powered by wind turbines village",
]


@pytest.mark.parametrize(("pattern", "line"), FRAMES)
def test_frames_are_known(pattern: str, line: str) -> None:
    assert pl.Series([f"A line before.\n{line}\nA line after."]).str.contains(pattern)[0]
    assert pl.Series([line.upper()]).str.contains(pattern)[0]


@pytest.mark.parametrize("pattern", [COOKIE_BANNER, NAVIGATION])
@pytest.mark.parametrize("line", TEXTS)
def test_texts_are_left_alone(pattern: str, line: str) -> None:
    assert not pl.Series([line]).str.contains(pattern)[0]
