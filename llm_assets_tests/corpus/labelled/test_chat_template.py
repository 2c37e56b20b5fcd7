"""Templates of messages, and what is in them."""

import polars as pl
import pytest

from llm_assets.corpus.labelled.chat_template import (
    FIELDS,
    MESSAGES,
    ChatTemplate,
    TemplateError,
    messages,
    template_fields,
)


def filled(template: ChatTemplate, **row: str) -> list[dict[str, str]]:
    frame = pl.DataFrame([dict.fromkeys(FIELDS) | row], dict.fromkeys(FIELDS, pl.String))
    made = frame.select(messages=messages(template))
    assert made.schema == {"messages": MESSAGES}
    return list(made["messages"][0].to_list())


def test_messages_have_roles_in_the_order_of_the_conversation() -> None:
    template = ChatTemplate("Be brief.", "{title}\n{text}", "{label}")
    assert filled(template, title="T", text="A {curly} text", label="5") == [
        {"role": "system", "content": "Be brief."},
        {"role": "user", "content": "T\nA {curly} text"},
        {"role": "assistant", "content": "5"},
    ]


def test_what_a_document_lacks_leaves_no_trace() -> None:
    made = filled(
        ChatTemplate(None, "{title}\n{text}", 'Json: {{"stars": {label}}}'), text="A", label="5"
    )
    assert [message["content"] for message in made] == ["A", 'Json: {"stars": 5}']


def test_the_fields_of_a_template_are_told() -> None:
    assert ChatTemplate(None, "{title} {{x}} {text}", "{label}").fields == {
        "title",
        "text",
        "label",
    }
    assert template_fields("none") == set()


@pytest.mark.parametrize(
    "template", ["{body}", "{", "}", "{}", "{text!r}", "{text:>9}", "{text.x}", "{0}"]
)
def test_what_is_no_field_is_refused(template: str) -> None:
    with pytest.raises(TemplateError, match="brace"):
        template_fields(template)
