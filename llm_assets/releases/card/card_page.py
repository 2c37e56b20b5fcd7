"""The corpus card: one HTML file, without scripts and without anything from elsewhere."""

import base64
import json
from collections.abc import Iterable, Iterator, Mapping, Sequence
from html import escape
from typing import Final

from llm_assets.corpus.schema import SPLITS
from llm_assets.releases.card.card_figures import Figure, release_figures
from llm_assets.releases.card.data_card import data_card
from llm_assets.releases.manifest import Manifest

_STYLE: Final = """
:root{color-scheme:light dark;--ink:#222;--soft:#5f5f5f;--line:#ddd;--paper:#fff;--raised:#f6f7f9}
@media(prefers-color-scheme:dark){:root{--ink:#e8e8e8;--soft:#a8a8a8;--line:#3a3a3a;--paper:#181a1d;
--raised:#23262b}}
*{box-sizing:border-box}
body{margin:0;background:var(--paper);color:var(--ink);font:16px/1.5 system-ui,sans-serif}
main{max-width:1100px;margin:0 auto;padding:24px 20px 64px}
h1{margin:0;font-size:2rem}h2{margin:40px 0 12px;font-size:1.25rem}
p.soft,figcaption{color:var(--soft)}p{max-width:70ch}
.numbers{display:grid;grid-template-columns:repeat(auto-fit,minmax(150px,1fr));gap:12px;
margin:24px 0}
.numbers div{background:var(--raised);border-radius:8px;padding:14px 16px}
.numbers b{display:block;font-size:1.5rem}
.figures{display:grid;grid-template-columns:repeat(auto-fit,minmax(min(100%,480px),1fr));gap:16px}
figure{margin:0;background:#fff;border:1px solid var(--line);border-radius:8px;padding:8px}
figure img{width:100%;height:auto;display:block}
.wide{overflow-x:auto}table{border-collapse:collapse;width:100%;font-size:.92rem}
th,td{text-align:left;padding:6px 12px 6px 0;border-bottom:1px solid var(--line)}
td.n,th.n{text-align:right;font-variant-numeric:tabular-nums}
pre{background:var(--raised);padding:14px;border-radius:8px;overflow-x:auto;font-size:.85rem}
code{overflow-wrap:anywhere}summary{cursor:pointer}
"""

_LOADING: Final = {
    "parquet": 'from datasets import load_dataset\n\nrows = load_dataset("EXPORTED")["train"]',
    "mds": (
        "from streaming import StreamingDataset\n\n"
        'rows = StreamingDataset(local="EXPORTED/mds/train", batch_size=8, shuffle=True)'
    ),
    "megatron": (
        "from megatron.core.datasets.indexed_dataset import IndexedDataset\n\n"
        'rows = IndexedDataset("EXPORTED/megatron/train-00000")'
    ),
    "npy": 'import numpy as np\n\ntokens = np.load("EXPORTED/npy/train-00000.npy", mmap_mode="r")',
    "jsonl": (
        "import polars as pl\n\n"
        'rows = pl.scan_ndjson("EXPORTED/jsonl/train-00000.jsonl.zst").collect()'
    ),
}
"""How the trainers' own libraries open a copy made by `llm-assets release export`."""

_LOADER: Final = (
    "from llm_assets.loader.token_loader import TokenLoader\n\n"
    'with TokenLoader("EXPORTED", batch_size=8) as loader:\n'
    "    for batch in loader:\n        train(batch.inputs, batch.labels)"
)


def card_page(manifest: Manifest) -> str:
    """Return the page. It is a function of the manifest."""
    name = escape(f"{manifest.corpus} {manifest.version}")
    body = [
        f"<h1>{name}</h1>",
        f'<p class="soft">{escape(manifest.created_at)} · content <code>'
        f"{escape(manifest.content_hash)}</code></p>",
        *([f"<p>{escape(manifest.notes)}</p>"] if manifest.notes else []),
        _numbers(manifest),
        '<h2>In pictures</h2><div class="figures">',
        *map(_figure, release_figures(manifest)),
        "</div>",
        "<h2>Sources</h2>",
        _sources(manifest),
        "<h2>How to load it</h2>",
        *_loading(manifest),
        *_data_card(manifest),
        "<h2>How it was made</h2>",
        _details("Recipe", manifest.recipe),
        _details("Software", manifest.software),
    ]
    return (
        '<!doctype html>\n<html lang="en"><head><meta charset="utf-8">'
        '<meta name="viewport" content="width=device-width, initial-scale=1">'
        '<meta http-equiv="Content-Security-Policy" '
        "content=\"default-src 'none'; img-src data:; style-src 'unsafe-inline'\">"
        f"<title>{name}</title><style>{_STYLE}</style></head><body><main>"
        + "\n".join(body)
        + "</main></body></html>\n"
    )


def _numbers(manifest: Manifest) -> str:
    numbers = {
        "documents": sum(split.documents for split in manifest.splits.values()),
        **{f"tokens in {name}": manifest.splits[name].tokens for name in SPLITS},
        "sources": sum(source.documents > 0 for source in manifest.sources),
        "languages": len(manifest.languages),
        "licences": len(manifest.licenses),
    }
    cells = "".join(f"<div><b>{n:,}</b>{escape(what)}</div>" for what, n in numbers.items())
    return f'<div class="numbers">{cells}</div>'


def _figure(figure: Figure) -> str:
    data = base64.b64encode(figure.svg).decode("ascii")
    alternative = escape(figure.alternative, quote=True)
    return f'<figure><img alt="{alternative}" src="data:image/svg+xml;base64,{data}"></figure>'


def _sources(manifest: Manifest) -> str:
    rows = [
        (
            source.name,
            source.kind,
            source.license or "not stated",
            f"{source.documents:,}",
            f"{source.tokens:,}",
            f"{source.weight:g}",
            source.manifest[:12],
        )
        for source in manifest.sources
    ]
    heads = ("source", "kind", "licence", "documents", "tokens", "weight", "version")
    return _table(heads, rows, numbers={3, 4, 5})


def _table(heads: Sequence[str], rows: Iterable[Sequence[str]], numbers: set[int]) -> str:
    def cells(values: Sequence[str], tag: str) -> Iterator[str]:
        for place, value in enumerate(values):
            mark = ' class="n"' if place in numbers else ""
            yield f"<{tag}{mark}>{escape(value)}</{tag}>"

    head = "".join(cells(heads, "th"))
    body = "".join(f"<tr>{''.join(cells(row, 'td'))}</tr>" for row in rows)
    return f'<div class="wide"><table><tr>{head}</tr>{body}</table></div>'


def _loading(manifest: Manifest) -> Iterator[str]:
    yield (
        "<p>A copy for trainers: <code>llm-assets release export "
        f"{escape(manifest.version)} EXPORTED</code>, then</p>"
    )
    if {"megatron", "npy"} & set(manifest.formats):
        yield f"<pre>{escape(_LOADER)}</pre>"
    for name in manifest.formats:
        if name in _LOADING:
            yield f"<p>{escape(name)}</p><pre>{escape(_LOADING[name])}</pre>"


def _data_card(manifest: Manifest) -> Iterator[str]:
    for section in data_card(manifest):
        yield f"<h2>{escape(section.title)}</h2>"
        yield from (f"<p>{escape(paragraph)}</p>" for paragraph in section.paragraphs)
        if section.entries:
            entries = "".join(f"<li>{escape(entry)}</li>" for entry in section.entries)
            yield f"<ul>{entries}</ul>"


def _details(title: str, values: Mapping[str, object]) -> str:
    shown = json.dumps(values, ensure_ascii=False, indent=2, sort_keys=True)
    return f"<details><summary>{title}</summary><pre>{escape(shown)}</pre></details>"
