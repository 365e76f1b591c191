"""`tokstream analyze FILE…`: reads screenshots and chat exports, and prints the conversation with its analysis."""

import asyncio
import logging
import tempfile
from collections.abc import Sequence
from datetime import datetime
from pathlib import Path
from typing import TYPE_CHECKING

import click

from contracts.base import Record, encode
from contracts.conversations import Suggestion
from contracts.resources import MergeInfo, Message
from deploy import logs
from deploy.settings import CAPABILITIES, Settings, load

if TYPE_CHECKING:
    from deploy.client import Client
    from deploy.reading import Reading, Wanted

UNKNOWN = "unknown"
"""The relationship that is given where nobody was asked: the API wants one."""
DAY = click.DateTime(formats=["%Y-%m-%d"])


class Analysis(Record, frozen=True):
    """The document of `--format json`. `problem` says what the AI engine failed at, null where it did not;
    `suggestions` is null where none were asked for or given."""

    relationship: str
    relationship_info: str
    messages: tuple[Message, ...]
    merge_info: MergeInfo | None
    suggestions: tuple[Suggestion, ...] | None
    engine: str | None
    problem: str | None


@click.command()
@click.argument(
    "files", nargs=-1, required=True, type=click.Path(exists=True, dir_okay=False, path_type=Path), metavar="FILE…"
)
@click.option(
    "--format", "form", type=click.Choice(["text", "json", "markdown"]), default="text", show_default=True,
    help="How it is printed; json is one document.",
)  # fmt: skip
@click.option("--json", "form", flag_value="json", help="The same as --format json.")
@click.option("--markdown", "form", flag_value="markdown", help="The same as --format markdown.")
@click.option(
    "--relationship", default=UNKNOWN, show_default=True, help="Who they are to you: 연인, 직장 상사, FRIEND, …"
)
@click.option("--info", default=UNKNOWN, show_default=True, help="More about it: 2년 지기, 어제 다툼, …")
@click.option("--no-suggestions", is_flag=True, help="Do not ask for replies that you could send next.")
@click.option("--me", metavar="NAME", help="Your name in the chat export, where its title does not tell.")
@click.option("--since", type=DAY, metavar="DAY", help="The first day taken of chat exports, YYYY-MM-DD.")
@click.option("--until", type=DAY, metavar="DAY", help="The last day taken of chat exports, YYYY-MM-DD.")
@click.option(
    "--annotate",
    type=click.Path(file_okay=False, path_type=Path),
    metavar="DIR",
    help="Also write each screenshot with its bubbles, speakers and order drawn on it.",
)
def analyze(
    files: tuple[Path, ...],
    form: str,
    relationship: str,
    info: str,
    no_suggestions: bool,
    me: str | None,
    since: datetime | None,
    until: datetime | None,
    annotate: Path | None,
) -> None:
    """Read chat screenshots (in any order, overlapping) and chat exports of KakaoTalk or WhatsApp (.txt, .csv) as one
    conversation; print it, how your messages were judged, and what you could say next.

    Everything runs on this machine in a temporary directory that is deleted at the end, but for an AI engine that
    TOKSTREAM_AI has elsewhere. Exits with 1 where the work failed, with 2 where the files or options are wrong.
    """
    from deploy.reading import Wanted, is_image

    images = [path for path in files if is_image(path)]
    if len(images) == len(files) and (me or since or until):
        raise click.UsageError("--me, --since and --until are for chat exports; all files are images")
    if since and until and since > until:
        raise click.UsageError("--since is after --until")
    wanted = Wanted(
        relationship=relationship,
        relationship_info=info,
        me=me,
        since=since.date().isoformat() if since else None,
        until=until.date().isoformat() if until else None,
    )
    with tempfile.TemporaryDirectory(prefix="tokstream-") as folder:
        settings = load(data_dir=folder, host="127.0.0.1", port=0, api_keys="")
        logs.configure(settings)
        # What goes wrong is told by the service's answers.
        logging.getLogger().setLevel(logging.CRITICAL)
        # The models of the reader take seconds that exports need not wait.
        capabilities = [name for name in CAPABILITIES if images or name != "ocr"]
        asyncio.run(_analyze(settings, capabilities, files, wanted, form, not no_suggestions, annotate))


async def _analyze(
    settings: Settings,
    capabilities: Sequence[str],
    files: Sequence[Path],
    wanted: "Wanted",
    form: str,
    suggest: bool,
    annotate: Path | None,
) -> None:
    from deploy.client import Client
    from deploy.problems import ServiceError
    from deploy.reading import read_files
    from deploy.serve import embedded_service
    from deploy.terminal import clean

    async with embedded_service(settings, capabilities) as url, Client(url) as client:
        reading = await read_files(client, files, wanted)
        analysis = await _analysis(client, reading, wanted, suggest and form != "markdown")
        if form == "markdown":
            click.echo(clean(await client.transcript(reading.session_id, "md")))
        else:
            _print(analysis, form)
        if annotate is not None:
            await _write_annotated(client, reading, annotate)
    if analysis.problem is not None:
        raise ServiceError(f"the AI engine failed: {analysis.problem}", 502)


async def _analysis(client: "Client", reading: "Reading", wanted: "Wanted", suggest: bool) -> Analysis:
    from deploy.problems import ServiceError
    from deploy.reading import ENGINE_CODES

    messages = (await client.messages(reading.session_id)).messages
    suggestions, problem = None, reading.engine_problem
    if suggest and problem is None and messages:
        try:
            suggestions = (await client.suggestions(reading.session_id)).suggestions
        except ServiceError as error:
            if error.code not in ENGINE_CODES:
                raise
            problem = str(error)
    return Analysis(
        relationship=wanted.relationship,
        relationship_info=wanted.relationship_info,
        messages=messages,
        merge_info=(await client.session(reading.session_id)).merge_info,
        suggestions=suggestions,
        engine=reading.engine,
        problem=problem,
    )


def _print(analysis: Analysis, form: str) -> None:
    if form == "json":
        click.echo(encode(analysis).decode())
        return
    from deploy.transcript import show_suggestions, show_transcript

    show_transcript(analysis.messages, analysis.merge_info, analysis.engine)
    if analysis.suggestions:
        show_suggestions(analysis.suggestions)


async def _write_annotated(client: "Client", reading: "Reading", folder: Path) -> None:
    folder.mkdir(parents=True, exist_ok=True)
    for number, (image, screenshot_id) in enumerate(reading.screenshots, 1):
        target = folder / f"{number:02d}-{Path(image).stem}.annotated.png"
        target.write_bytes(await client.annotated(reading.session_id, screenshot_id))
        click.echo(f"wrote {target}", err=True)
