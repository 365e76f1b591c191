"""LINE on a phone."""

from html import escape

from tests.browser_shots.apps.kakao import SHARED
from tests.browser_shots.markup import avatar, marks, picture, sign, text
from tests.browser_shots.page import below, status_bar
from tests.browser_shots.stage import Screen, Stage
from tests.browser_shots.turns import Turn

CSS = """
body { background: var(--ground); color: var(--ink); font-size: var(--letters); }
.chat { padding: 4px 0 10px; }
.top { background: var(--bar); color: var(--bar-ink); }
.head { height: 48px; padding: 0 14px; gap: 14px; }
.head b { font-size: 17px; }
.row { padding: 0 12px 0 9px; margin-top: 6px; }
.row.first { margin-top: 13px; }
.avatar { width: 34px; height: 34px; border-radius: 50%; margin-right: 9px; }
.gap { width: 43px; flex: none; }
.name { font-size: 11.5px; color: var(--meta); margin-bottom: 3px; }
.bubble { border-radius: 18px; padding: 9px 13px; line-height: 1.35; max-width: calc(var(--screen) * .62); }
.first .bubble.tail::before { content: ""; position: absolute; top: 1px; left: -7px; width: 18px; height: 14px;
  background: inherit; clip-path: path("M18 1 C 12 6 5 6 0 1 C 2 10 9 14 18 14 Z"); }
.first.own .bubble.tail::before { left: auto; right: -7px; transform: scaleX(-1); }
.meta { font-size: 10px; color: var(--meta); margin: 0 5px; line-height: 1.3; }
.picture-box { border-radius: 14px; }
.pill { margin: 12px 0 6px; }
.pill span { background: var(--pill); color: #fff; border-radius: 12px; padding: 3px 12px; font-size: 11.5px; }
.foot { background: var(--foot); color: var(--foot-ink); padding: 7px 12px; gap: 15px; }
.foot .field { background: var(--field); border-radius: 19px; height: 38px; padding: 0 14px; display: flex;
  align-items: center; justify-content: space-between; font-size: 16px; }
"""
LIGHT = {
    "ground": "#8cabd8", "own": "#85e249", "own-ink": "#111111", "other": "#ffffff", "other-ink": "#111111",
    "meta": "#48586f", "ink": "#111111", "pill": "rgba(0,0,0,.16)", "bar": "#ffffff", "bar-ink": "#111111",
    "foot": "#ffffff", "foot-ink": "#333333", "field": "#f4f4f6", "rule": "rgba(0,0,0,.1)", "unread": "#48586f",
}  # fmt: skip
DARK = LIGHT | {
    "ground": "#111111", "own": "#4cc764", "other": "#2b2b2e", "other-ink": "#f0f0f0", "meta": "#87878c",
    "ink": "#f0f0f0", "pill": "rgba(255,255,255,.13)", "bar": "#1c1c1e", "bar-ink": "#f0f0f0", "foot": "#1c1c1e",
    "foot-ink": "#cfcfd2", "field": "#2c2c2e",
}  # fmt: skip


def row(turn: Turn, stage: Stage) -> str:
    """A message with its date, name, read mark and time."""
    said = turn.said
    above = f'<div class="pill"><span>{turn.date}</span></div>' if turn.date else ""
    if said.kind == "system":
        note = marks(turn, named=False, timed=False, bare=True)
        return f'{above}<div class="pill"><span {note}><span data-text>{escape(said.text)}</span></span></div>'
    group = stage.conversation.group
    named = turn.first and not turn.own and group
    found = marks(turn, named=named, timed=turn.ends)
    if said.kind == "photo":
        width, height = stage.rng.choice(((190, 250), (230, 170), (200, 200)))
        body = f'<div class="picture-box" {found}>{picture(width, height, said.seed)}</div>'
    else:
        gone = stage.say("메시지 전송을 취소했습니다", "This message was unsent")
        words = f"<span data-text>{gone}</span>" if said.kind == "deleted" else text(turn)
        body = f'<div class="bubble tail" {found}>{words}</div>'
    face = avatar(said.sender, 34) if turn.first else '<span class="gap"></span>'
    name = f'<div class="name">{escape(said.sender)}</div>' if named else ""
    read = stage.say("읽음", "Read", "既読", "Letto") if turn.own and not turn.unread else ""
    clock = f"<span>{turn.time}</span>" if turn.ends else ""
    classes = "row" + " own" * turn.own + " first" * turn.first
    return (
        f'{above}<div class="{classes}">{"" if turn.own else face}<div class="body">{name}<div class="line">{body}'
        f'<div class="meta"><span>{read if turn.ends else ""}</span>{clock}</div></div></div></div>'
    )


def line(stage: Stage) -> Screen:
    """The app on a phone."""
    rng, room = stage.rng, stage.conversation
    values = (DARK if stage.dark else LIGHT) | {
        "letters": f"{rng.choice((14.5, 15, 16))}px",
        "screen": f"{min(stage.device.width, 520)}px",
    }
    if not stage.dark:
        values["ground"] = rng.choice(("#8cabd8", "#8cabd8", "#ffffff", "#b0c4de", "#cfe3d4"))
        if values["ground"] == "#ffffff":
            values["other"] = "#efefef"
    variables = ":root {" + "".join(f"--{name}: {value};" for name, value in values.items()) + "}"
    count = f" ({len(room.members) + 1})" if room.group else ""
    top = (
        f'<div class="top">{status_bar(stage)}<div class="bar head">{sign("back", 23)}'
        f'<b class="one">{escape(room.title)}'
        f'{count}</b><span class="grow"></span>{sign("search", 21)}{sign("call", 20)}{sign("menu", 22)}</div></div>'
    )
    signs = "".join(sign(name, 22) for name in ("plus", "camera", "image"))
    bottom = (
        f'<div class="bar foot">{signs}<div class="field grow"><span>Aa</span>{sign("smile", 21)}'
        f"</div>{sign('mic', 22)}</div>"
        f'<div style="background:var(--foot);color:var(--foot-ink)">{below(stage)}</div>'
    )
    told = [turn for turn in stage.turns if turn.said.kind not in ("sticker", "card", "file")]
    wrap = ".text { word-break: break-all; }" if stage.language == "ko" and stage.ios else ""
    css = variables + SHARED + CSS + wrap
    return Screen(css=css, top=top, chat="".join(row(turn, stage) for turn in told), bottom=bottom)
