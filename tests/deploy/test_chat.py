"""`tokstream chat`, run as a person runs it, with a service whose engine says what the test wants."""

from pathlib import Path

from contracts.errors import AI_ENGINE_FAILED, TokstreamError
from tests.ai import ScriptedEngine
from tests.deploy.relay import relayed
from tests.deploy.terminals import CTRL_C, CTRL_D, at_terminal, piped
from tests.gateway.talking import talking


async def test_every_line_of_a_pipe_is_answered_and_nothing_else_is_written(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        done = await piped("chat", "--url", talk.url, "--name", "민수", stdin="오늘 어때?\n\n그래\n")
        assert (done.stdout, done.stderr, done.returncode) == ("들었어: 오늘 어때? \n들었어: 그래 \n", "", 0)
        history = (await talk.client.get("/history", params={"client_name": "민수"})).json()
    assert [entry["content"] for entry in history] == ["오늘 어때?", "들었어: 오늘 어때? ", "그래", "들었어: 그래 "]


async def test_somebody_who_is_played_speaks_first_and_judges_what_is_said(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        done = await piped("chat", "--url", talk.url, "--relationship", "연인", "--info", "2년", stdin="바빴어\n")
        assert done.returncode == 0, done.stderr
        assert talk.engine.asked[0].relationship == "연인"  # type: ignore[union-attr]
    assert done.stdout.splitlines() == [
        "들었어: 안녕 ",
        "들었어: 바빴어 ",
        "  [60 · NEUTRAL · +0] 상황은 설명했지만 마음은 말하지 않았어요.",
        "  → 요즘 바빴어, 미안해.",
    ]


async def test_a_thread_goes_on_where_it_was_left(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        thread = await talk.start()
        done = await piped("chat", "--url", talk.url, "--thread", thread, stdin="나 왔어\n/history\n")
        assert done.returncode == 0, done.stderr
        assert done.stdout.splitlines()[-3:] == ["< 들었어: 안녕 ", "> 나 왔어", "< 들었어: 나 왔어 "]
        lost = await piped("chat", "--url", talk.url, "--thread", "thread_none", stdin="누구?\n")
    assert lost.returncode == 2
    assert lost.stderr == "tokstream: Conversation not found\n"


async def test_the_commands_show_choose_and_forget(tmp_path: Path) -> None:
    lines = "안녕\n/history\n/models\n/model scripted-2\n/model\n/model none\n/clear\n/history\n//slash\n/what\n"
    async with talking(tmp_path) as talk:
        done = await piped("chat", "--url", talk.url, "--name", "n", stdin=lines)
    assert done.stdout.splitlines() == [
        "들었어: 안녕 ",
        "> 안녕",
        "< 들었어: 안녕 ",
        "* scripted-1",
        "  scripted-2",
        "scripted-2 replies from now on",
        "scripted-2",
        "forgotten",
        "들었어: /slash ",
    ]
    assert "There is no model 'none'; there are scripted-1, scripted-2." in done.stderr
    assert "/what is no command" in done.stderr
    assert done.returncode == 1


async def test_the_model_that_is_asked_for_replies(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        done = await piped("chat", "--url", talk.url, "--model", "scripted-2", stdin="안녕\n")
        assert done.returncode == 0, done.stderr
        assert [asked.model for asked in talk.engine.asked] == ["scripted-2"]  # type: ignore[union-attr]
        unknown = await piped("chat", "--url", talk.url, "--model", "gpt-0", stdin="안녕\n")
    assert unknown.returncode == 2
    assert unknown.stderr == "tokstream: There is no model 'gpt-0'; there are scripted-1, scripted-2.\n"


async def test_a_reply_that_breaks_off_is_kept_and_said_to_be_broken(tmp_path: Path) -> None:
    error = TokstreamError(AI_ENGINE_FAILED, "the model is gone")
    engine = ScriptedEngine(pieces=["하나 ", "둘 ", "셋"], fail=2, error=error)
    async with talking(tmp_path, engine) as talk:
        done = await piped("chat", "--url", talk.url, stdin="세어 봐\n")
    assert (done.stdout, done.stderr) == ("하나 둘 \n", "tokstream: the model is gone\n")
    assert done.returncode == 1


async def test_a_reply_cannot_steer_the_terminal(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["\x1b[2J\x1b]0;owned\x07", "안\u202e녕\r\n"])
    async with talking(tmp_path, engine) as talk:
        done = await piped("chat", "--url", talk.url, stdin="안녕\n")
    assert done.stdout == "[2J]0;owned안녕\n\n"


async def test_a_service_of_its_own_keeps_the_history_where_it_is_told_to(tmp_path: Path) -> None:
    first = await piped("chat", "--data-dir", str(tmp_path), "--name", "n", stdin="안녕\n")
    assert (first.returncode, first.stderr) == (0, "")
    assert len(first.stdout.splitlines()) == 1
    second = await piped("chat", "--data-dir", str(tmp_path), "--name", "n", stdin="/history\n")
    assert second.stdout == f"> 안녕\n< {first.stdout}"
    apart = await piped("chat", "--name", "n", stdin="/history\n")
    assert (apart.stdout, apart.returncode) == ("", 0)


async def test_a_service_of_its_own_that_cannot_start_is_one_line(tmp_path: Path) -> None:
    done = await piped("chat", "--data-dir", str(tmp_path), stdin="안녕\n", TOKSTREAM_AI="openai")
    assert done.returncode == 2
    assert done.stderr.count("\n") == 1
    assert "TOKSTREAM_AI_URL" in done.stderr


async def test_what_cannot_be_meant_is_refused_before_anything_starts() -> None:
    for arguments, said in (
        (("--url", "localhost:8080"), "http://"),
        (("--url", "http://127.0.0.1:1", "--data-dir", "x"), "--data-dir"),
        (("--relationship", "연인", "--model", "m"), "--model"),
        (("--info", "2년"), "--relationship"),
        (("--key", "k"), "--url"),
    ):
        done = await piped("chat", *arguments)
        assert done.returncode == 2
        assert said in done.stderr


async def test_a_service_that_is_away_is_one_line() -> None:
    done = await piped("chat", "--url", "http://127.0.0.1:1", stdin="안녕\n")
    assert done.returncode == 1
    assert done.stderr.count("\n") == 1
    assert "nobody answers at http://127.0.0.1:1" in done.stderr


async def test_a_reply_appears_piece_by_piece(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["하나 ", "둘 ", "셋"], stall=2)
    async with talking(tmp_path, engine) as talk:
        async with at_terminal("chat", "--url", talk.url) as terminal:
            await terminal.until("> ")
            terminal.type("세어 봐\n")
            await terminal.until("하나 둘")
            assert "셋" not in terminal.screen
            engine.go.set()
            await terminal.until("하나 둘 셋\r\n")
            terminal.type("/quit\n")
            assert await terminal.ended() == 0


async def test_ctrl_c_stops_the_reply_and_keeps_the_session(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["하나 ", "둘"], stall=1)
    async with talking(tmp_path, engine) as talk:
        async with at_terminal("chat", "--url", talk.url) as terminal:
            await terminal.until("> ")
            terminal.type("세어 봐\n")
            await terminal.until("하나")
            terminal.type(CTRL_C)
            await terminal.until("(stopped)")
            engine.go.set()
            stopped = len(terminal.screen)
            terminal.type("다시\n")
            await terminal.until("하나 둘", stopped)
            await terminal.until("> ", terminal.screen.rindex("하나 둘"))
            terminal.type(CTRL_D)
            assert await terminal.ended() == 0
        assert engine.closed == 1


async def test_ctrl_c_at_the_prompt_leaves(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, at_terminal("chat", "--url", talk.url) as terminal:
        await terminal.until("> ")
        # Python misses a signal between the prompt and its wait for a key; no person is as quick as this test.
        assert await terminal.ended(press=CTRL_C) == 0
        assert "Traceback" not in terminal.screen


async def test_a_judgement_is_dim_unless_colours_are_not_wanted(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk:
        for environment, dim in (({}, True), ({"NO_COLOR": "1"}, False)):
            async with at_terminal("chat", "--url", talk.url, "--relationship", "연인", **environment) as terminal:
                await terminal.until("들었어: 안녕")
                await terminal.until("> ")
                terminal.type("바빴어\n")
                await terminal.until("→ 요즘 바빴어, 미안해.")
                assert ("\x1b[2m  [60" in terminal.screen) is dim


async def test_a_reply_goes_on_after_the_connection_was_lost(tmp_path: Path) -> None:
    pieces = [f"{number} " for number in range(40)]
    engine = ScriptedEngine(pieces=pieces, stall=20)
    async with talking(tmp_path, engine) as talk, relayed(talk.url) as relay:
        async with at_terminal("chat", "--url", relay.url) as terminal:
            await terminal.until("> ")
            terminal.type("세어 봐\n")
            await terminal.until("19")
            relay.cut()
            engine.go.set()
            await terminal.until("39")
            assert "".join(pieces).strip() in terminal.screen
            await terminal.until("> ", terminal.screen.rindex("39"))
            terminal.type(CTRL_D)
            assert await terminal.ended() == 0


async def test_a_message_whose_answer_was_lost_is_said_once(tmp_path: Path) -> None:
    async with talking(tmp_path) as talk, relayed(talk.url) as relay:
        relay.swallow_answer_of("POST /query")
        done = await piped("chat", "--url", relay.url, "--name", "n", stdin="한 번만\n")
        assert (done.stdout, done.returncode) == ("들었어: 한 번만 \n", 0), done.stderr
        assert relay.swallowed == 1
        history = (await talk.client.get("/history", params={"client_name": "n"})).json()
    assert [entry["content"] for entry in history] == ["한 번만", "들었어: 한 번만 "]


async def test_ctrl_c_reaches_a_reply_whose_connection_was_lost(tmp_path: Path) -> None:
    engine = ScriptedEngine(pieces=["하나 ", "둘"], stall=1)
    async with talking(tmp_path, engine) as talk, relayed(talk.url) as relay:
        async with at_terminal("chat", "--url", relay.url) as terminal:
            await terminal.until("> ")
            terminal.type("세어 봐\n")
            await terminal.until("하나")
            relay.go_away()
            await relay.refused(1)
            terminal.type(CTRL_C)
            await relay.refused(2)
            relay.come_back()
            await terminal.until("(stopped)")
