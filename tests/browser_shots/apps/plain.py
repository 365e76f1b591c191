"""iMessage, Instagram and Messenger: bubbles without times beside them; a time stands in the middle now and then."""

from html import escape

from tests.browser_shots.markup import avatar, marks, picture, sign, text
from tests.browser_shots.page import below, status_bar
from tests.browser_shots.stage import Screen, Stage
from tests.browser_shots.turns import Turn

CSS = """
body { background: var(--ground); color: var(--ink); }
.chat { padding: 8px 0 12px; }
.row { display: flex; padding: 0 14px; margin-top: 2px; align-items: flex-end; }
.row.first { margin-top: 9px; }
.row.own { justify-content: flex-end; }
.stack { display: flex; flex-direction: column; align-items: flex-start; max-width: 72%; }
.own .stack { align-items: flex-end; }
.bubble { position: relative; border-radius: var(--corner); padding: 7.5px 13px; font-size: var(--letters);
  line-height: 1.29; background: var(--other); color: var(--other-ink); }
.own .bubble { background: var(--own); color: var(--own-ink); }
.picture-box { border-radius: var(--corner); overflow: hidden; }
.name { font-size: 11.5px; color: var(--meta); margin: 4px 0 2px 13px; }
.avatar { border-radius: 50%; margin-right: 8px; }
.gap { width: 36px; flex: none; }
.when { text-align: center; color: var(--meta); font-size: 11.5px; margin: 16px 0 8px; }
.receipt { text-align: right; color: var(--meta); font-size: 11px; margin: 3px 18px 0; }
.top { background: var(--bar); border-bottom: var(--hairline); }
.head { padding: 0 14px; gap: 12px; min-height: 54px; }
.head .middle { display: flex; flex-direction: column; align-items: center; font-size: 11.5px; padding: 4px 0 8px; }
.head .middle .avatar { margin: 0 0 4px; }
.head small { display: block; opacity: .6; font-size: 12px; }
.foot { padding: 8px 12px; gap: 11px; color: var(--foot-ink); }
.foot .field { border: var(--edge); background: var(--field); border-radius: 20px; height: 38px; padding: 0 14px;
  display: flex; align-items: center; justify-content: space-between; font-size: 16px; }
.foot .field span { opacity: .5; }
.link { text-decoration: underline; }
"""
TAIL = """
.last .bubble::after { content: ""; position: absolute; bottom: 0; left: -5px; width: 16px; height: 16px;
  background: inherit; clip-path: path("M5 0 C 5 9 4 13 0 16 C 6 16 10 14 13 11 Z"); }
.last.own .bubble::after { left: auto; right: -5px; transform: scaleX(-1); }
"""
LIGHT = {
    "ground": "#ffffff", "ink": "#000000", "other": "#e9e9eb", "other-ink": "#000000", "own-ink": "#ffffff",
    "meta": "#8a8a8e", "bar": "#f7f7f8", "hairline": "1px solid #d5d5d8", "foot-ink": "#7b7b80", "field": "#ffffff",
    "edge": "1px solid #c9c9cd",
}  # fmt: skip
DARK = LIGHT | {
    "ground": "#000000", "ink": "#ffffff", "other": "#262629", "other-ink": "#ffffff", "meta": "#8e8e93",
    "bar": "#161617", "hairline": "1px solid #2c2c2e", "foot-ink": "#98989d", "field": "#121213",
    "edge": "1px solid #3a3a3c",
}  # fmt: skip


def variables(stage: Stage, own: str, corner: float, letters: float, **more: str) -> str:
    """The colours and sizes of the theme."""
    values = (DARK if stage.dark else LIGHT) | {"own": own, "corner": f"{corner}px", "letters": f"{letters}px"} | more
    return ":root {" + "".join(f"--{name.replace('_', '-')}: {value};" for name, value in values.items()) + "}"


def row(turn: Turn, stage: Stage, *, faces: bool, receipts: bool) -> str:
    """A message, the time above it where it follows a pause, and whether the last own one was read."""
    said = turn.said
    when = f'<div class="when"><b>{turn.date}</b> {turn.time}</div>' if turn.date else ""
    group = stage.conversation.group
    named = group and turn.first and not turn.own
    found = marks(turn, named=named, timed=False)
    if said.kind == "photo":
        width, height = stage.rng.choice(((220, 280), (250, 180)))
        body = f'<div class="picture-box" {found}>{picture(width, height, said.seed)}</div>'
    else:
        body = f'<div class="bubble" {found}>{text(turn)}</div>'
    name = f'<div class="name">{escape(said.sender)}</div>' if named else ""
    face = ""
    if faces and not turn.own:
        face = avatar(said.sender, 28) if turn.last else '<span class="gap"></span>'
    classes = "row" + " own" * turn.own + " first" * turn.first + " last" * turn.last
    ends = turn.own and turn.last and receipts and stage.chance(0.15)
    receipt = f'<div class="receipt">{stage.say("읽음", "Read", "既読", "Letto")} {turn.time}</div>' if ends else ""
    return f'{when}<div class="{classes}">{face}<div class="stack">{name}{body}</div></div>{receipt}'


def chat(stage: Stage, *, faces: bool, receipts: bool) -> str:
    """The conversation, of text and photos alone."""
    told = [turn for turn in stage.turns if turn.said.kind in ("text", "photo")]
    return "".join(row(turn, stage, faces=faces, receipts=receipts) for turn in told)


def imessage(stage: Stage) -> Screen:
    """Messages on an iPhone: blue, or green for text messages."""
    room = stage.conversation
    own = "#34c759" if stage.chance(0.25) else "#0b84ff"
    top = (
        f'<div class="top">{status_bar(stage)}<div class="bar head">{sign("back", 26)}<span class="grow"></span>'
        f'<div class="middle">{avatar(room.title, 44)}<span>{escape(room.title)}</span></div><span class="grow"></span>'
        f"{sign('video', 24)}</div></div>"
    )
    prompt = stage.say("iMessage", "iMessage", "メッセージ", "iMessage")
    bottom = (
        f'<div class="bar foot">{sign("plus", 24)}<div class="field grow"><span>{prompt}</span>{sign("mic", 19)}'
        f"</div></div>"
        f"{below(stage)}"
    )
    css = variables(stage, own, 18, stage.rng.choice((16, 17))) + CSS + TAIL
    return Screen(css=css, top=top, chat=chat(stage, faces=room.group, receipts=True), bottom=bottom)


def instagram(stage: Stage) -> Screen:
    """Instagram's direct messages; own bubbles change colour from the top of the screen to its end."""
    room = stage.conversation
    flat = stage.chance(0.5)
    own = "#3797f0" if flat else "linear-gradient(#a033ff, #5b5bf7 55%, #2f7cf6) fixed"
    top = (
        f'<div class="top">{status_bar(stage)}<div class="bar head">{sign("back", 25)}{avatar(room.title, 32)}'
        f'<div class="grow"><b class="one">{escape(room.title)}</b><small>{stage.say("활동 중", "Active now")}'
        f"</small></div>"
        f"{sign('call', 22)}{sign('video', 24)}</div></div>"
    )
    prompt = stage.say("메시지 보내기...", "Message...", "メッセージ...", "Messaggio...")
    bottom = (
        f'<div class="bar foot">{sign("camera", 26)}<div class="field grow"><span>{prompt}'
        f"</span>{sign('image', 21)}</div>"
        f"{sign('mic', 22)}</div>{below(stage)}"
    )
    ground = "#000000" if stage.dark else "#ffffff"
    css = variables(stage, own, 20, 15, bar=ground, hairline="none", other="#262626" if stage.dark else "#efefef") + CSS
    return Screen(css=css, top=top, chat=chat(stage, faces=True, receipts=False), bottom=bottom)


def messenger(stage: Stage) -> Screen:
    """Facebook's Messenger."""
    room = stage.conversation
    top = (
        f'<div class="top">{status_bar(stage)}<div class="bar head">{sign("back", 25)}{avatar(room.title, 36)}'
        f'<div class="grow"><b class="one">{escape(room.title)}</b>'
        f"<small>{stage.say('현재 활동 중', 'Active now')}</small></div>"
        f"{sign('call', 22)}{sign('video', 24)}</div></div>"
    )
    signs = "".join(sign(name, 23) for name in ("plus", "camera", "image", "mic"))
    bottom = (
        f'<div class="bar foot" style="color:#0084ff">{signs}<div class="field grow"><span>Aa'
        f"</span>{sign('smile', 21)}</div></div>{below(stage)}"
    )
    own = stage.rng.choice(("#0084ff", "#0084ff", "#7646ff", "#e6338a"))
    css = variables(stage, own, 18, 15.5, other="#303030" if stage.dark else "#f0f0f0") + CSS
    return Screen(css=css, top=top, chat=chat(stage, faces=True, receipts=False), bottom=bottom)
