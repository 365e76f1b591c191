"""Reading screenshots through the service and showing what it says, on a terminal."""

import asyncio
from collections.abc import Sequence
from pathlib import Path

import click
from rich.console import Console
from rich.progress import BarColumn, MofNCompleteColumn, Progress, TextColumn, TimeElapsedColumn

from contracts.base import decode
from contracts.events import (
    BubbleRead,
    ScreenshotFailed,
    ScreenshotRead,
    SessionCompleted,
    SessionFailed,
    SessionMerged,
)
from contracts.resources import Message
from contracts.streams import session_stream
from deploy.client import Client
from deploy.following import Following
from deploy.problems import ServiceError
from gateway.transcripts import gaps


async def read_screenshots(client: Client, images: Sequence[Path], relationship: str, relationship_info: str) -> str:
    """Uploads the images into a new session and processes it, with a progress bar fed by the websocket.

    Returns the session's id. Raises ServiceError with what the service says is wrong.
    """
    session = await client.create_session()
    console = Console(stderr=True)
    columns = (TextColumn("{task.description}"), BarColumn(), MofNCompleteColumn(), TimeElapsedColumn())
    with Progress(*columns, console=console, disable=not console.is_terminal) as progress:
        bar = progress.add_task("uploading", total=len(images))

        async def follow() -> None:
            read = bubbles = 0
            async with Following(client.url, client.key, session_stream(session.session_id)) as following:
              async for event in following:
                if event.type == BubbleRead.TYPE:
                    bubbles += 1
                elif event.type in (ScreenshotRead.TYPE, ScreenshotFailed.TYPE):
                    read += 1
                    if event.type == ScreenshotFailed.TYPE:
                        failed = decode(event.data, ScreenshotFailed)
                        progress.console.print(f"a screenshot could not be read: {failed.problem.detail}")
                elif event.type == SessionMerged.TYPE:
                    progress.update(bar, description="merged")
                elif event.type in (SessionCompleted.TYPE, SessionFailed.TYPE):
                    return
                progress.update(bar, completed=read, description=f"reading, {bubbles} bubbles")

        async with asyncio.TaskGroup() as tasks:
            follower = tasks.create_task(follow())
            try:
                for image in images:
                    try:
                        await client.upload(session.session_id, image)
                    except ServiceError as error:
                        raise ServiceError(f"{image}: {error}") from error
                await client.process(session.session_id, relationship, relationship_info)
            except BaseException:
                follower.cancel()
                raise
    return session.session_id


async def show_transcript(client: Client, session_id: str) -> None:
    """Prints the merged conversation, own messages on the right."""
    messages = (await client.messages(session_id)).messages
    console = Console()
    missing = gaps(messages, (await client.session(session_id)).merge_info)
    for place, message in enumerate(messages):
        if place in missing:
            console.print("[dim]… something may be missing here …[/dim]", justify="center")
        _show(console, message)
    marked = sum(message.uncertain for message in messages)
    click.echo(f"\n{len(messages)} messages" + (f", {marked} uncertain (?)" if marked else ""))


def _show(console: Console, message: Message) -> None:
    who = "me" if message.speaker == "user" else message.sender or "them"
    kind = "" if message.kind == "text" else f"[{message.kind}] "
    text = (kind + message.text).strip() or f"({message.kind})"
    mark = " ?" if message.uncertain else ""
    moment = f"  ({message.sent_at})" if message.sent_at else ""
    console.print(
        f"{who}: {text}{mark}{moment}", markup=False, highlight=False, justify="right" if who == "me" else "left"
    )
