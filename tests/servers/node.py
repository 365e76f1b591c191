"""Packages of npm that tests use: the parser of the AsyncAPI initiative, which validates our document, and axe-core,
which looks for what keeps people from using our page."""

import json
import shutil
import subprocess
from pathlib import Path
from typing import NamedTuple

from tests.servers.cache import NotProvisioned, cache_folder

PACKAGES = ("@asyncapi/parser@3.6.3", "axe-core@4.14.1")
RUN_TIMEOUT_S = 120.0

_VALIDATE = """
const { Parser } = require("@asyncapi/parser");
let text = "";
process.stdin.on("data", part => text += part).on("end", async () => {
  const found = await new Parser().validate(text);
  process.stdout.write(JSON.stringify(found.map(
    one => ({ severity: one.severity, code: String(one.code), message: one.message, path: one.path.join("/") }))));
});
"""


class Diagnostic(NamedTuple):
    """`severity` is 0 for an error, 1 for a warning, 2 for information and 3 for a hint; `path` points into the
    document."""

    severity: int
    code: str
    message: str
    path: str


def packages_folder() -> Path:
    """Where the packages of these versions are, or will be."""
    return cache_folder() / f"npm-{'-'.join(package.rpartition('@')[2] for package in PACKAGES)}"


def validate_asyncapi(document: bytes) -> list[Diagnostic]:
    """What @asyncapi/parser has to say about a document in JSON. Raises NotProvisioned."""
    node = shutil.which("node")
    if node is None:
        raise NotProvisioned("Node.js")
    folder = packages_folder()
    if not folder.is_dir():
        raise NotProvisioned("@asyncapi/parser")
    done = subprocess.run(
        [node, "-e", _VALIDATE], cwd=folder, input=document, capture_output=True, timeout=RUN_TIMEOUT_S, check=True
    )
    return [Diagnostic(one["severity"], one["code"], one["message"], one["path"]) for one in json.loads(done.stdout)]


def axe_script() -> str:
    """axe-core as the script that a browser runs. Raises NotProvisioned."""
    script = packages_folder() / "node_modules" / "axe-core" / "axe.min.js"
    if not script.is_file():
        raise NotProvisioned("axe-core")
    return script.read_text()
