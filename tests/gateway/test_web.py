"""The page at `/`: served whole, closed to everything foreign, and the same in both of its languages."""

import re
from collections.abc import Iterator
from html.parser import HTMLParser
from importlib import resources
from pathlib import Path

import msgspec

from gateway.access import key_digest
from gateway.config import ApiKey
from tests.gateway.service import CONFIG, gateway

FOLDER = resources.files("gateway.web")
SCRIPTS = {entry.name: entry.read_text("utf-8") for entry in FOLDER.iterdir() if entry.name.endswith(".js")}
STYLES = {entry.name: entry.read_text("utf-8") for entry in FOLDER.iterdir() if entry.name.endswith(".css")}
INDEX = FOLDER.joinpath("index.html").read_text("utf-8")


class Elements(HTMLParser):
    """The elements of a page with their attributes, and the text right within each."""

    def __init__(self, source: str) -> None:
        super().__init__()
        self.found: list[tuple[str, dict[str, str]]] = []
        self.texts: list[str] = []
        self.feed(source)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        self.found.append((tag, {name: value or "" for name, value in attrs}))
        self.texts.append("")

    def handle_data(self, data: str) -> None:
        if self.texts:
            self.texts[-1] += data

    def attributes(self, name: str) -> list[str]:
        """All values of an attribute."""
        return [attributes[name] for _, attributes in self.found if name in attributes]


PAGE = Elements(INDEX)


async def test_the_page_and_all_it_refers_to_are_served(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        page = await service.client.get("/")
        assert page.status_code == 200
        assert page.headers["content-type"] == "text/html; charset=utf-8"
        assert page.text == INDEX
        references = [one for one in PAGE.attributes("src") + PAGE.attributes("href") if one.startswith("web/")]
        references += [f"web/{name}" for name in imported()]
        assert {"web/app.js", "web/page.css", "web/chat.css", "web/icon.svg"} <= set(references)
        for reference in set(references):
            answer = await service.client.get(f"/{reference}")
            assert answer.status_code == 200, reference
            kinds = {"js": "text/javascript", "css": "text/css", "svg": "image/svg+xml"}
            assert answer.headers["content-type"].startswith(kinds[reference.rpartition(".")[2]])


async def test_nothing_but_the_page_is_served(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        for name in ("none.js", "__init__.py", "..%2f__init__.py", "%2e%2e/app.py", ""):
            answer = await service.client.get(f"/web/{name}")
            assert answer.status_code == 404, name
            assert answer.headers["content-type"] == "application/problem+json"
        assert (await service.client.post("/")).status_code == 405


async def test_the_policy_admits_nothing_foreign_and_nothing_inline(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        for path in ("/", "/web/app.js", "/web/icon.svg"):
            headers = (await service.client.get(path)).headers
            policy = dict(part.strip().partition(" ")[::2] for part in headers["content-security-policy"].split(";"))
            assert policy["default-src"] == "'self'"
            assert policy["img-src"] == "'self' blob:"
            assert policy["connect-src"] == "'self'"
            assert policy["require-trusted-types-for"] == "'script'"
            assert policy["frame-ancestors"] == policy["base-uri"] == "'none'"
            assert "script-src" not in policy
            assert headers["x-content-type-options"] == "nosniff"
            assert headers["referrer-policy"] == "no-referrer"


async def test_a_browser_that_has_the_page_hears_that_it_is_unchanged(tmp_path: Path) -> None:
    async with gateway(tmp_path) as service:
        for path in ("/", "/web/app.js"):
            first = await service.client.get(path)
            assert first.headers["cache-control"] == "no-cache"
            for known in (first.headers["etag"], f'"x", W/{first.headers["etag"]}', "*"):
                again = await service.client.get(path, headers={"If-None-Match": known})
                assert again.status_code == 304
                assert again.content == b""
                assert again.headers["etag"] == first.headers["etag"]
            assert (await service.client.get(path, headers={"If-None-Match": '"old"'})).content == first.content
            head = await service.client.head(path)
            assert (head.status_code, head.headers["etag"]) == (200, first.headers["etag"])


async def test_the_page_needs_no_key_though_all_it_asks_for_does(tmp_path: Path) -> None:
    config = msgspec.structs.replace(CONFIG, keys=(ApiKey(digest=key_digest("k"), owner="a"),))
    async with gateway(tmp_path, config) as service:
        assert (await service.client.get("/")).status_code == 200
        assert (await service.client.get("/web/app.js")).status_code == 200
        assert (await service.client.get("/sessions")).status_code == 401


def test_the_page_loads_nothing_foreign_and_has_nothing_inline() -> None:
    for tag, attributes in PAGE.found:
        assert tag != "style"
        assert tag != "script" or attributes.keys() == {"type", "src"}
        assert "style" not in attributes
        assert not [name for name in attributes if name.startswith("on")]
    # Nor an address that begins at the root: behind a proxy the service may live below a path.
    for reference in PAGE.attributes("src") + PAGE.attributes("href"):
        assert not re.match(r"[a-z]+:|/", reference), reference
    for name, source in (SCRIPTS | STYLES).items():
        foreign = [
            found for found in re.findall(r"https?://[^\s\"']+", source) if found != "http://www.w3.org/2000/svg"
        ]
        assert foreign == [], name


def test_nothing_is_ever_inserted_as_html() -> None:
    forbidden = r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|DOMParser|\beval\b|new Function|srcdoc"
    for name, source in SCRIPTS.items():
        assert re.findall(forbidden, source) == [], name


def test_every_module_is_used() -> None:
    assert imported() | {"app.js"} == SCRIPTS.keys()


def test_the_page_has_the_elements_that_its_scripts_ask_for() -> None:
    ids = PAGE.attributes("id")
    assert len(ids) == len(set(ids))
    wanted = {name for source in SCRIPTS.values() for name in re.findall(r'byId\("([^"]+)"\)', source)}
    assert len(wanted) > 20
    assert wanted <= set(ids)
    described = {name for value in PAGE.attributes("aria-labelledby") for name in value.split()}
    assert described <= set(ids)


def test_both_languages_say_the_same_things() -> None:
    english, korean = language("english"), language("korean")
    assert list(english) == list(korean)
    assert {"gap", "merge", "partial", "uncertain"} <= english.keys()
    asked = set(PAGE.attributes("data-text") + PAGE.attributes("data-label"))
    asked |= {name for source in SCRIPTS.values() for name in re.findall(r"(?<!/)\btexts\.(\w+)", source)}
    assert asked <= english.keys()


def test_the_page_says_in_english_what_the_scripts_would_put_there() -> None:
    english = language("english")
    for (_, attributes), text in zip(PAGE.found, PAGE.texts, strict=True):
        if "data-text" in attributes:
            assert text.strip() == english[attributes["data-text"]]
        if "data-label" in attributes:
            assert attributes["aria-label"] == english[attributes["data-label"]]


def imported() -> set[str]:
    """The modules that other modules import."""
    return {name for source in SCRIPTS.values() for name in re.findall(r'from "\./([^"]+)"', source)}


def language(name: str) -> dict[str, str]:
    """The texts of one language by their names; those that depend on something as source."""

    def entries() -> Iterator[tuple[str, str]]:
        source = SCRIPTS[f"{name}.js"]
        block = re.search(rf"^export const {name} = {{\n(.*?)^}};", source, re.DOTALL | re.MULTILINE)
        assert block is not None
        for line in block[1].splitlines():
            entry = re.fullmatch(r'  (\w+): (?:"(.*)"|(\(.*)),', line)
            assert entry is not None, line
            yield entry[1], entry[2] or entry[3]

    return dict(entries())
