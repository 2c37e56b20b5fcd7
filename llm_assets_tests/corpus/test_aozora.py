"""Aozora Bunko's notation."""

from pathlib import Path

import pytest

from llm_assets.corpus.aozora import AozoraText, is_aozora, strip_aozora

LEGEND = """-------------------------------------------------------
【テキスト中に現れる記号について】

《》：ルビ
（例）障子《しょうじ》
-------------------------------------------------------
"""
IMPRINT = "\n\n底本：「芥川龍之介全集2」ちくま文庫\n入力：野口英司\n青空文庫作成ファイル：\n"


def stripped(text: str) -> str:
    return strip_aozora(text).text


def test_a_text_without_its_apparatus() -> None:
    text = f"葱\n芥川龍之介\n\n{LEGEND}\n　障子《しょうじ》が立てきつてある。\n{IMPRINT}"
    assert is_aozora(text)
    assert strip_aozora(text) == AozoraText(
        "葱\n芥川龍之介\n\n\n　障子が立てきつてある。\n\n\n", "葱", "芥川龍之介"
    )


@pytest.mark.parametrize(
    ("marked", "plain"),
    [
        ("元｜浅野内匠頭《あさのたくみのかみ》家来", "元浅野内匠頭家来"),
        ("一［＃「一」は中見出し］", "一"),
        ("※［＃「白＋轢のつくり」、第3水準1-88-69］", "皪"),
        ("※［＃「勹＜夕」、第3水準1-14-76］", "匇"),
        ("※［＃「土へん＋曼」、第4水準2-5-12］", "\U00021419"),
        ("※［＃「口＋世」、U+546D、12-3］", "呭"),
        ("※［＃「何か」、12-3］", "※"),
        ("※［＃「何か」、第3水準1-99-99］", "※"),
        ("※［＃「何か」、U+D800］", "※"),
    ],
)
def test_marks(marked: str, plain: str) -> None:
    if "2-5-12" in marked:
        plain = b"\x8f\xa5\xac".decode("euc_jis_2004")
    assert stripped(marked) == plain


def test_a_subtitle_stands_between_title_and_author() -> None:
    found = strip_aozora("虹の絵具皿\n（十力の金剛石）\n宮沢賢治\n\n本文")
    assert (found.title, found.author) == ("虹の絵具皿", "宮沢賢治")


def test_a_text_without_heading_has_no_title() -> None:
    assert strip_aozora("本文だけ\n\n続き") == AozoraText("本文だけ\n\n続き", None, None)


@pytest.mark.parametrize("text", ["書名《しょめい》", "《红楼梦》是一部小说。", "青空文庫", ""])
def test_other_texts_are_left_alone(text: str) -> None:
    assert not is_aozora(text)


@pytest.mark.shared_data
def test_real_texts_carry_no_marks_afterwards(shared_data: Path) -> None:
    paths = sorted((shared_data / "books" / "aozora").glob("*.txt"))
    for path in paths:
        text = path.read_bytes().decode("cp932").replace("\r\n", "\n")
        assert is_aozora(text)
        found = strip_aozora(text)
        assert found.title
        assert found.author in ("芥川龍之介", "宮沢賢治")
        assert not set("《》｜［］") & set(found.text), path
        assert "青空文庫" not in found.text
    assert paths
