"""A conversation in a terminal, or through a pipe: what is typed is said, and the reply is written as it comes."""

import asyncio
import contextlib
import signal
import sys
from collections.abc import Awaitable, Callable, Iterator

from contracts.conversations import Evaluation
from contracts.events import MessageCancelled, MessageCompleted, MessageFailed
from contracts.resources import TaskAccepted
from contracts.streams import Cursor
from deploy.client import Client
from deploy.following import Following
from deploy.partners import Partner, models
from deploy.problems import ServiceError
from deploy.replies import End, Reply, Typewriter
from deploy.terminal import clean, console

HELP = """\
/history      what was said
/models       the models
/model NAME   have another model reply
/clear        forget what was said
/quit         leave, as Ctrl-D does
A message that begins with a slash is written with two. Ctrl-C stops a reply."""
Begin = Callable[[Client], Awaitable[TaskAccepted | None]]


class Leave(Exception):
    """The user has had enough."""


class Conversing:
    """One conversation with a partner at `url`. `failed` counts what could not be said or was not answered whole."""

    def __init__(self, url: str, key: str | None, partner: Partner) -> None:
        self.failed = 0
        self._url = url
        self._key = key
        self._partner = partner
        self._out = console()
        self._err = console(stderr=True)
        self._cursor: Cursor | None = None
        self._stream: str | None = None

    async def open(self) -> None:
        """Finds the partner, who speaks first where they do. Raises ServiceError."""
        await self._turn(self._partner.begin)

    async def handle(self, line: str) -> None:
        """A message or a command. Raises Leave."""
        text = line.strip()
        if not text:
            return
        if not text.startswith("/") or text.startswith("//"):
            said = text[1:] if text.startswith("//") else text
            await self._guarded(self._turn(lambda client: self._partner.say(client, said)))
            return
        name, _, argument = text.partition(" ")
        if name in ("/quit", "/exit"):
            raise Leave
        await self._guarded(self._command(name, argument.strip()))

    async def _guarded(self, work: Awaitable[None]) -> None:
        # What the service refuses ends a message, not the conversation.
        try:
            await work
        except ServiceError as error:
            self._complain(str(error))

    def _complain(self, detail: str) -> None:
        self.failed += 1
        self._err.out(f"tokstream: {clean(detail)}", style="red")

    async def _command(self, name: str, argument: str) -> None:
        async with Client(self._url, self._key) as client:
            match name:
                case "/help":
                    self._out.out(HELP)
                case "/history":
                    for entry in await self._partner.history(client):
                        mark = ">" if entry.role == "user" else "<"
                        self._out.out(f"{mark} {clean(entry.content)}")
                case "/models":
                    chosen = await self._partner.model(client)
                    for model in await models(client):
                        self._out.out(f"{'*' if model == chosen else ' '} {clean(model)}")
                case "/model" if argument:
                    self._note(f"{await self._partner.choose(client, argument)} replies from now on")
                case "/model":
                    self._out.out(await self._partner.model(client) or "none to choose")
                case "/clear":
                    await self._partner.forget(client)
                    self._cursor = self._stream = None
                    self._note("forgotten")
                case _:
                    self._complain(f"{name} is no command; /help lists them")
                    return
        if name == "/clear":
            await self._turn(self._partner.begin)

    async def _turn(self, begin: Begin) -> None:
        with _interrupts() as interrupts:
            async with Client(self._url, self._key) as client:
                accepted = await begin(client)
            if accepted is None:
                return
            # The cursor is of another stream after the chat was forgotten elsewhere.
            since = self._cursor if accepted.stream == self._stream else None
            async with Following(self._url, self._key, accepted.stream, since) as following:
                interrupts.stops(following)
                end = await self._write(following, Reply(accepted.task_id))
            self._cursor, self._stream = following.cursor, accepted.stream
        self._close(end)

    async def _write(self, following: Following, reply: Reply) -> End:
        typewriter = Typewriter(lambda text: self._out.out(text, end=""))
        while reply.end is None:
            reply.take(await anext(following))
            # What went into a pipe cannot be taken back where the reply is begun again: there it comes whole.
            if self._out.is_terminal and reply.end is None:
                typewriter.show(clean(reply.text))
        typewriter.finish(clean(reply.text))
        return reply.end

    def _close(self, end: End) -> None:
        match end:
            case MessageFailed(problem=problem):
                self._complain(problem.detail)
            case MessageCancelled():
                self._note("(stopped)")
            case MessageCompleted(evaluation=evaluation):
                if end.finish_reason == "length":
                    self._note("(cut off: the reply has reached its longest)")
                if evaluation is not None:
                    self._show_evaluation(evaluation)

    def _show_evaluation(self, evaluation: Evaluation) -> None:
        rating = f"{evaluation.appropriateness_rating:g} · {evaluation.emotional_tone} · {evaluation.impact_score:+g}"
        self._note(f"  [{rating}] {evaluation.review_comment}")
        if evaluation.suggested_alternative:
            self._note(f"  → {evaluation.suggested_alternative}")

    def _note(self, text: str) -> None:
        self._out.out(clean(text), style="dim")


class _Interrupts:
    """The first Ctrl-C stops the reply, the second the program."""

    def __init__(self) -> None:
        self._loop = asyncio.get_running_loop()
        self._turn = asyncio.current_task()
        self._asked = False
        self._following: Following | None = None
        self._stopping: asyncio.Task[None] | None = None

    def stops(self, following: Following) -> None:
        """From now on there is a reply to stop; where that was asked for already, it is stopped."""
        self._following = following
        if self._asked:
            self._stop(following)

    def asked(self) -> None:
        if self._asked and self._turn is not None:
            self._turn.cancel()
        self._asked = True
        if self._following is not None:
            self._stop(self._following)

    def _stop(self, following: Following) -> None:
        if self._stopping is None:
            self._stopping = self._loop.create_task(following.cancel())

    def close(self) -> None:
        if self._stopping is not None:
            self._stopping.cancel()


@contextlib.contextmanager
def _interrupts() -> Iterator[_Interrupts]:
    interrupts = _Interrupts()
    loop = asyncio.get_running_loop()
    loop.add_signal_handler(signal.SIGINT, interrupts.asked)
    try:
        yield interrupts
    finally:
        loop.remove_signal_handler(signal.SIGINT)
        interrupts.close()


def converse(conversing: Conversing, welcome: str) -> bool:
    """Runs the conversation until the input ends or the user leaves. At a terminal with a prompt and line editing,
    otherwise a message a line and nothing but replies. Returns whether somebody saw it. Raises ServiceError where there
    is nobody to talk to."""
    at_terminal = sys.stdin.isatty() and sys.stdout.isatty()
    if at_terminal:
        with contextlib.suppress(ImportError):
            import readline  # noqa: F401  (gives `input` line editing)
        console().out(welcome, style="dim")
    with contextlib.suppress(Leave, KeyboardInterrupt, asyncio.CancelledError, EOFError), asyncio.Runner() as runner:
        runner.run(conversing.open())
        while True:
            line = input("> ") if at_terminal else sys.stdin.readline()
            if not line and not at_terminal:
                break
            runner.run(conversing.handle(line))
    return at_terminal
