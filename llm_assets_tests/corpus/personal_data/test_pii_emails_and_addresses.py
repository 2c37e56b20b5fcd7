"""E-mail and IP addresses: what is taken out of a text, and what must stay."""

import pytest

from llm_assets_tests.corpus.redacted_text import redacted

ADDRESSES = ("email", "ip")


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("ada@example.org", "<email>"),
        ("Write to ada.lovelace+news@mail.example.co.uk.", "Write to <email>."),
        ("mailto:ada@example.org?subject=x", "mailto:<email>?subject=x"),
        ("Ada <ada@example.org>, 'bob@example.org'", "Ada <<email>>, '<email>'"),
        ("jürgen.müller@straße.de", "<email>"),
        ("и.петров@почта.рф", "<email>"),
        ("メールはada@example.jpまで", "メールは<email>まで"),
        ("https://user:secret@example.org/", "https://user:<email>/"),
        ("a@b.org\nc\n\nd@e.org", "<email>\nc\n\n<email>"),
    ],
)
def test_emails(text: str, expected: str) -> None:
    assert redacted(text, ADDRESSES) == expected


@pytest.mark.parametrize(
    "text",
    [
        "meet me @ home.com",
        "@ada@",
        "ada@localhost",
        "package@1.2.3",
        "icon@2x.png",
        "x@y.co-op",
        "a" * 65 + "@example.org",  # longer than a local part may be
    ],
)
def test_no_emails(text: str) -> None:
    assert redacted(text, ADDRESSES) == text


@pytest.mark.parametrize(
    ("text", "expected"),
    [
        ("from 93.184.216.34.", "from <ip>."),
        ("http://93.184.216.34:8080/x", "http://<ip>:8080/x"),
        ("93.184.216.0/24, 93.184.216.34-93.184.216.40", "<ip>/24, <ip>-<ip>"),
        ("8.8.8.8 and 1.1.1.1", "<ip> and <ip>"),
        ("地址是93.184.216.34。", "地址是<ip>。"),
        ("::ffff:93.184.216.34", "::ffff:<ip>"),
        ("root@93.184.216.34", "root@<ip>"),
        ("2001:4860:4860::8888: refused", "<ip>: refused"),
        ("[2a00:1450:4001:81b:0:0:0:200e]:443", "[<ip>]:443"),
        ("[IPv6:2a00:1450::200e]", "[IPv6:<ip>]"),
        ("2606:2800:220:1::", "<ip>"),
    ],
)
def test_public_addresses(text: str, expected: str) -> None:
    assert redacted(text, ADDRESSES) == expected


@pytest.mark.parametrize(
    "text",
    [
        # private, shared, local, documentation, benchmark, multicast, reserved
        "10.1.2.3 172.16.0.1 172.31.255.1 192.168.1.1 100.64.0.1 127.0.0.1 169.254.1.1 0.0.0.0",
        "192.0.2.44 198.51.100.7 203.0.113.5 198.18.0.1 224.0.0.251 255.255.255.0",
        "2001:db8::1 3fff::1 fe80::1 fc00::1 ff02::1 ::1 2001::1",
        # versions, sections, names, paths, longer numbers
        "version 1.2.3.4",
        "1.2.3.4",
        "Version: 10.4.128.23, v93.184.216.34, release 93.184.216.34, версия 93.184.216.34",
        "§ 93.184.216.34 and Section 93.184.216.34",
        "lib-93.184.216.34.tar /dist/93.184.216.34/x 93.184.216.34-beta 93.184.216.34+g1",
        "1.93.184.216.34 93.184.216.34.1 93.184.216.345 93.184.216.256 093.184.216.34",
        "Firefox 2.0.50727.4927",
        "38.17.6.1. Of functions",
        "## 30.2.5.1",
        # colons that are no addresses
        "12:30:45 2019:12:30 std::add 2001:xyz::1 00:1b:44:11:3a:b7 abcd:2001:4860::1",
    ],
)
def test_other_numbers_stay(text: str) -> None:
    assert redacted(text, ADDRESSES) == text
