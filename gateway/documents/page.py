"""`GET /docs`: the OpenAPI and AsyncAPI documents as one plain page, without scripts, fonts or anything from
elsewhere."""

import html
import json
import re
from collections.abc import Iterator

from contracts.schema import Json

STYLE = """
:root { color-scheme: light dark; }
body { font: 16px/1.5 system-ui, sans-serif; margin: 0 auto; max-width: 60rem; padding: 1rem; }
h2 { border-bottom: 1px solid; margin-top: 2.5rem; }
details { border: 1px solid #8886; border-radius: .4rem; margin: .5rem 0; padding: .5rem .8rem; }
summary { cursor: pointer; }
code, pre { font: 14px/1.45 ui-monospace, monospace; }
pre { background: #8882; border-radius: .4rem; overflow-x: auto; padding: .6rem; }
table { border-collapse: collapse; } td, th { border: 1px solid #8886; padding: .25rem .5rem; text-align: left; }
.method { display: inline-block; font-weight: 700; min-width: 4.5rem; }
"""


def documentation_page(openapi: Json, asyncapi: Json) -> str:
    """The page as HTML."""
    return "".join(_page(openapi, asyncapi))


def _page(openapi: Json, asyncapi: Json) -> Iterator[str]:
    title = f"{openapi['info']['title']} {openapi['info']['version']}"
    yield f'<!doctype html><html lang="en"><head><meta charset="utf-8"><title>{_text(title)}</title>'
    yield '<meta name="viewport" content="width=device-width, initial-scale=1">'
    yield f"<style>{STYLE}</style></head><body><h1>{_text(title)}</h1><p>{_text(openapi['info']['summary'])}</p>"
    yield '<p>For machines: <a href="/openapi.json">openapi.json</a> · <a href="/asyncapi.json">asyncapi.json</a></p>'
    for tag in openapi["tags"]:
        yield f"<h2>{_text(tag['name'])}</h2>"
        for path, methods in openapi["paths"].items():
            for method, operation in methods.items():
                if tag["name"] in operation["tags"]:
                    yield from _operation(method, path, operation)
    yield "<h2>Realtime channels</h2>"
    for name, channel in asyncapi.get("channels", {}).items():
        address = channel.get("address") or name
        yield f"<details><summary><code>{_text(address)}</code> {_prose(channel.get('summary', ''))}</summary>"
        yield f"<p>{_prose(channel.get('description', ''))}</p><ul>"
        for message in channel.get("messages", {}):
            yield f"<li><code>{_text(message)}</code></li>"
        yield "</ul></details>"
    yield "<h2>Schemas</h2>"
    for name, schema in openapi["components"]["schemas"].items():
        yield f'<details id="{_text(name)}"><summary><code>{_text(name)}</code> {_prose(schema.get("description", ""))}'
        yield f"</summary><pre>{_text(json.dumps(schema, indent=2, ensure_ascii=False))}</pre></details>"
    yield "</body></html>"


def _operation(method: str, path: str, operation: Json) -> Iterator[str]:
    yield f'<details id="{_text(operation["operationId"])}"><summary><span class="method">{method.upper()}</span>'
    yield f"<code>{_text(path)}</code> {_prose(operation['summary'])}</summary>"
    yield f"<p>{_prose(operation['description'])}</p>"
    if parameters := operation.get("parameters"):
        yield "<table><tr><th>Parameter</th><th>In</th><th></th></tr>"
        for parameter in parameters:
            needed = " (required)" if parameter["required"] else ""
            yield f"<tr><td><code>{_text(parameter['name'])}</code></td><td>{parameter['in']}{needed}</td>"
            yield f"<td>{_prose(parameter['description'])}</td></tr>"
        yield "</table>"
    if body := operation.get("requestBody"):
        yield f"<p>Body: <code>{_text(', '.join(body['content']))}</code></p>"
    yield "<table><tr><th>Status</th><th>Body</th><th></th></tr>"
    for status, response in operation["responses"].items():
        bodies = ", ".join(_body(kind, content["schema"]) for kind, content in response.get("content", {}).items())
        yield f"<tr><td>{status}</td><td>{bodies}</td><td>{_prose(response['description'])}</td></tr>"
    yield "</table></details>"


def _body(kind: str, schema: Json) -> str:
    reference = schema.get("$ref")
    if not isinstance(reference, str):
        return f"<code>{_text(kind)}</code>"
    name = reference.rpartition("/")[2]
    return f'<a href="#{_text(name)}">{_text(name)}</a>'


def _text(value: str) -> str:
    return html.escape(value)


def _prose(value: str) -> str:
    """Text with what stands in backticks set as code."""
    return re.sub(r"`([^`]+)`", r"<code>\1</code>", html.escape(value))
