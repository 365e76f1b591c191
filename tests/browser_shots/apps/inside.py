"""WhatsApp and Telegram, on a phone and in a browser: the time stands in the bubble, names in colour in groups."""

from html import escape

from tests.browser_shots.markup import avatar, doodles, letters, marks, picture, sign, text
from tests.browser_shots.page import below, status_bar
from tests.browser_shots.stage import Screen, Stage
from tests.browser_shots.turns import Turn

SHARED = """
body { background: var(--ground); color: var(--ink); }
.chat { padding: 8px 0; background: var(--paper), var(--ground); }
.row { display: flex; padding: 0 var(--side); margin-top: 2px; align-items: flex-end; }
.row.first { margin-top: 9px; }
.row.own { justify-content: flex-end; }
.bubble { position: relative; background: var(--other); padding: 6px 9px 7px; max-width: min(78%, 600px);
  border-radius: var(--corner); font-size: var(--letters); line-height: 1.32; box-shadow: 0 1px 0.5px rgba(0,0,0,.13); }
.own .bubble { background: var(--own); }
.bubble.photo { padding: 3px; }
.bubble.photo .picture { border-radius: calc(var(--corner) - 2px); }
.clock { float: right; font-size: var(--small); color: var(--meta); margin: 7px 0 -5px 10px; white-space: nowrap;
  line-height: 15px; }
.own .clock { color: var(--own-meta); }
.photo .clock { position: absolute; right: 8px; bottom: 10px; color: #fff; background: #0005; border-radius: 8px;
  padding: 0 6px; }
.clock .seen { color: var(--tick); }
.name { font-size: calc(var(--letters) - 2px); font-weight: 600; line-height: 1.4; }
.pill { display: flex; justify-content: center; margin: 10px 0 6px; }
.pill span { background: var(--pill); color: var(--pill-ink); border-radius: var(--round); padding: 4px 11px;
  font-size: 12.5px; }
.link { color: var(--link); }
.quote { display: block; border-left: 4px solid var(--accent); border-radius: 5px; background: var(--shade);
  padding: 4px 8px; margin-bottom: 4px; font-size: calc(var(--letters) - 2px); }
.quote b { display: block; color: var(--accent); }
.quote span { opacity: .7; }
.notice { background: var(--notice); color: var(--notice-ink); border-radius: 8px; padding: 6px 12px; font-size: 12.5px;
  text-align: center; margin: 8px 9%; line-height: 1.4; }
.head { background: var(--bar); color: var(--bar-ink); height: 58px; padding: 0 12px; gap: 12px; flex: none; }
.head small { display: block; opacity: .65; font-size: 12.5px; }
.head b { font-size: 16.5px; font-weight: 600; }
.head .avatar, .rooms .avatar, .row .avatar { border-radius: 50%; }
.row .avatar { margin-right: 6px; }
.top { background: var(--bar); color: var(--bar-ink); }
.foot { background: var(--foot); color: var(--foot-ink); padding: 7px 9px; gap: 10px; min-height: 52px; }
.foot .field { background: var(--field); border-radius: 21px; min-height: 40px; display: flex; align-items: center;
  padding: 0 12px; gap: 10px; font-size: 16px; }
.foot .go { width: 42px; height: 42px; border-radius: 21px; background: var(--button); color: #fff; display: flex;
  align-items: center; justify-content: center; }
.rooms { width: var(--list); flex: none; background: var(--panel); color: var(--ink); height: 100%; overflow: hidden;
  border-right: 1px solid var(--rule); }
.rooms .room { display: flex; gap: 12px; padding: 11px 13px; align-items: center; }
.rooms .room.on { background: var(--chosen); }
.rooms .grow div { display: flex; justify-content: space-between; gap: 8px; font-size: 15px; }
.rooms small { opacity: .6; font-size: 13px; display: block; }
.rooms .find { margin: 10px 12px; background: var(--field); border-radius: 9px; height: 36px; display: flex; gap: 12px;
  align-items: center; padding: 0 12px; opacity: .8; font-size: 14px; }
"""
WHATSAPP_TAIL = """
.first .bubble { border-top-left-radius: 0; }
.first.own .bubble { border-top-left-radius: var(--corner); border-top-right-radius: 0; }
.first .bubble::before { content: ""; position: absolute; top: 0; left: -7px; width: 8px; height: 12px;
  background: inherit; clip-path: polygon(0 0, 100% 0, 100% 100%); }
.first.own .bubble::before { left: auto; right: -7px; clip-path: polygon(0 0, 100% 0, 0 100%); }
"""
TELEGRAM_TAIL = """
.last .bubble { border-bottom-left-radius: 2px; }
.last.own .bubble { border-bottom-left-radius: var(--corner); border-bottom-right-radius: 2px; }
.last .bubble:not(.photo)::after { content: ""; position: absolute; bottom: 0; left: -6px; width: 7px; height: 14px;
  background: inherit; clip-path: path("M7 0 C 7 7 4 11 0 14 L 7 14 Z"); }
.last.own .bubble:not(.photo)::after { left: auto; right: -6px; transform: scaleX(-1); }
"""
WHATSAPP_LIGHT = {
    "ground": "#efe7de", "own": "#d9fdd3", "other": "#ffffff", "ink": "#111b21", "meta": "#667781",
    "own-meta": "#667781", "tick": "#53bdeb", "pill": "#ffffff", "pill-ink": "#54656f", "link": "#027eb5",
    "accent": "#06a884", "notice": "#ffeecd", "notice-ink": "#54656f", "bar": "#ffffff", "bar-ink": "#111b21",
    "foot": "#efe7de", "foot-ink": "#54656f", "field": "#ffffff", "button": "#1daa61", "panel": "#ffffff",
    "chosen": "#f0f2f5", "rule": "#e3e5e7",
}  # fmt: skip
WHATSAPP_DARK = WHATSAPP_LIGHT | {
    "ground": "#0b141a", "own": "#005c4b", "other": "#202c33", "ink": "#e9edef", "meta": "#8696a0",
    "own-meta": "#8eb9af", "pill": "#182229", "pill-ink": "#8696a0", "link": "#53bdeb", "notice": "#182229",
    "notice-ink": "#ffd279", "bar": "#202c33", "bar-ink": "#e9edef", "foot": "#0b141a", "foot-ink": "#8696a0",
    "field": "#2a3942", "button": "#00a884", "panel": "#111b21", "chosen": "#2a3942", "rule": "#2a3942",
}  # fmt: skip
TELEGRAM_LIGHT = {
    "ground": "linear-gradient(160deg, #dbddbb, #6ba587 45%, #d5d88d 70%, #88b884)", "own": "#effdde",
    "other": "#ffffff", "ink": "#000000", "meta": "#a1aab3", "own-meta": "#62ac55", "tick": "#4fae4e",
    "pill": "rgba(74,114,68,.45)", "pill-ink": "#ffffff", "link": "#168acd", "accent": "#3a8fd0",
    "notice": "rgba(74,114,68,.45)", "notice-ink": "#ffffff", "bar": "#ffffff", "bar-ink": "#000000",
    "foot": "#ffffff", "foot-ink": "#8a8f94", "field": "#ffffff", "button": "#3390ec", "panel": "#ffffff",
    "chosen": "#e8f2fc", "rule": "#dadce0",
}  # fmt: skip
TELEGRAM_DARK = TELEGRAM_LIGHT | {
    "ground": "#0e1621", "own": "#2b5278", "other": "#182533", "ink": "#f5f5f5", "meta": "#6d7f8f",
    "own-meta": "#7da8d3", "tick": "#79c4fc", "pill": "#1e2c3a", "pill-ink": "#e5ecf2", "link": "#6ab3f3",
    "accent": "#6ab3f3", "bar": "#17212b", "bar-ink": "#f5f5f5", "foot": "#17212b", "foot-ink": "#6c7883",
    "field": "#17212b", "panel": "#17212b", "chosen": "#2b5278", "rule": "#0e1621",
}  # fmt: skip
GROUNDS = {"WhatsApp": ("#efe7de", "#efe7de", "#e5ddd5", "#d7e8e1"), "Telegram": ("#c7d9e8", "#d5d9c9", "#b9cf9e")}


def variables(stage: Stage, app: str, *, web: bool) -> str:
    """The colours and sizes of the theme, and the drawings on the ground."""
    rng = stage.rng
    themes = {"WhatsApp": (WHATSAPP_LIGHT, WHATSAPP_DARK), "Telegram": (TELEGRAM_LIGHT, TELEGRAM_DARK)}
    colours = dict(themes[app][stage.dark])
    if not stage.dark and (app == "WhatsApp" or stage.chance(0.4)):
        colours["ground"] = rng.choice(GROUNDS[app])
    drawn = rng.random() < 0.75
    ink = "rgba(255,255,255,.05)" if stage.dark else "rgba(90,80,60,.1)"
    telegram = app == "Telegram"
    values = colours | {
        "paper": doodles(ink, rng.getrandbits(20)) if drawn else "none",
        "corner": f"{rng.choice((14, 16) if telegram else (8, 10, 14))}px" if not web else f"{12 if telegram else 8}px",
        "letters": f"{14.2 if web else rng.choice((15, 16, 16.5))}px",
        "small": f"{11 if web else 11.5}px",
        "shade": f"rgba(0,0,0,{0.22 if stage.dark else 0.06})",
        "round": "13px" if telegram else "8px",
        "side": "max(12px, calc(50% - 360px))" if web and telegram else "6%" if web else "12px",
        "list": f"{rng.randint(280, 420)}px",
    }
    return ":root {" + "".join(f"--{name}: {value};" for name, value in values.items()) + "}"


def clock(turn: Turn, stage: Stage) -> str:
    """The time at the end of a bubble, with ticks on own messages."""
    kind = "read" if turn.unread == 0 else "sent"
    ticks = sign(kind, 15, "seen" if kind == "read" else "") if turn.own else ""
    edited = stage.say("수정됨 ", "edited ") if stage.chance(0.03) else ""
    return f'<span class="clock">{edited}{turn.time} {ticks}</span>'


def row(turn: Turn, stage: Stage, app: str) -> str:
    """A message with the date above it."""
    said, room = turn.said, stage.conversation
    above = f'<div class="pill"><span>{turn.date}</span></div>' if turn.date else ""
    if said.kind == "system":
        note = marks(turn, named=False, timed=False, bare=True)
        return f'{above}<div class="pill"><span {note}><span data-text>{escape(said.text)}</span></span></div>'
    named = room.group and turn.first and not turn.own
    hue = sum(map(ord, said.sender)) * 47 % 360
    light = 70 if stage.dark else 38
    name = f'<div class="name" style="color:hsl({hue} 60% {light}%)">{escape(said.sender)}</div>' if named else ""
    found = marks(turn, named=named, timed=True)
    classes = "row" + " own" * turn.own + " first" * turn.first + " last" * turn.last
    face = ""
    if app == "Telegram" and room.group and not turn.own:
        face = avatar(said.sender, 34) if turn.last else '<span style="width:40px;flex:none"></span>'
    stamp = clock(turn, stage)
    if said.kind == "photo":
        width, height = stage.rng.choice(((240, 300), (260, 190), (240, 240)))
        return (
            f'{above}<div class="{classes}">{face}'
            f'<div class="bubble photo" {found}>{picture(width, height, said.seed)}{stamp}</div></div>'
        )
    if said.kind == "deleted":
        gone = stage.say("삭제된 메시지입니다.", "This message was deleted")
        body = f'<i style="opacity:.6">{sign("close", 14)} <span data-text>{gone}</span></i>'
    else:
        quote = ""
        if turn.quoted is not None:
            who = turn.quoted.sender or stage.say("나", "You", "あなた", "Tu")
            quote = f'<span class="quote"><b>{escape(who)}</b><span>{letters(turn.quoted.text[:40])}</span></span>'
        body = f"{quote}{text(turn)}"
    return f'{above}<div class="{classes}">{face}<div class="bubble" {found}>{name}{body}{stamp}</div></div>'


def chat(stage: Stage, app: str) -> str:
    """The conversation. Stickers, cards and files, which look different here, are left out."""
    told = [turn for turn in stage.turns if turn.said.kind not in ("sticker", "card", "file")]
    notice = stage.say(
        "메시지와 통화는 종단간 암호화됩니다. 대화 상대 외에는 누구도 읽거나 들을 수 없습니다.",
        "Messages and calls are end-to-end encrypted. Only people in this chat can read or listen to them.",
    )
    first = f'<div class="notice">{notice}</div>' if app == "WhatsApp" else ""
    return first + "".join(row(turn, stage, app) for turn in told)


def heading(stage: Stage, *, web: bool) -> str:
    """The bar above the conversation."""
    room = stage.conversation
    status = stage.say("온라인", "online", "オンライン", "online")
    if room.group:
        status = ", ".join(room.members[:3])
    signs = sign("search", 21) + sign("dots", 21) if web else sign("video", 22) + sign("call", 20)
    back = "" if web else sign("back", 22)
    return (
        f'<div class="bar head">{back}{avatar(room.title, 38)}<div class="grow"><b class="one">{escape(room.title)}</b>'
        f'<small class="one">{escape(status)}</small></div>{signs}</div>'
    )


def field(stage: Stage) -> str:
    """The input box."""
    prompt = stage.say("메시지", "Message", "メッセージ", "Messaggio")
    return (
        f'<div class="bar foot"><div class="field grow">{sign("smile", 23)}'
        f'<span class="grow" style="opacity:.6">{prompt}'
        f'</span>{sign("clip", 21)}{sign("camera", 21)}</div><span class="go">{sign("mic", 20)}</span></div>'
    )


def rooms(stage: Stage) -> str:
    """The list of chats left of the conversation."""
    rng, room = stage.rng, stage.conversation
    names = [*room.members, room.title, "Emma Clarke", "서연", "Design team", "막내", "Luca", "우리 가족"] * 3
    rng.shuffle(names)
    last = [turn.said.text for turn in stage.turns if turn.said.text] or [""]
    shown = "".join(
        f'<div class="room{" on" * (place == 1)}">{avatar(name, 46)}<div class="grow"><div>'
        f'<b class="one">{escape(name)}</b>'
        f"<small>{rng.randint(7, 22)}:{rng.randint(0, 59):02d}</small></div>"
        f'<small class="one">{escape(rng.choice(last)[:60])}</small></div></div>'
        for place, name in enumerate(names[:14])
    )
    find = stage.say("검색", "Search", "検索", "Cerca")
    return f'<div class="rooms"><div class="find">{sign("search", 16)} {find}</div>{shown}</div>'


def on_phone(stage: Stage, app: str, tail: str) -> Screen:
    """The app on a phone."""
    top = f'<div class="top">{status_bar(stage)}{heading(stage, web=False)}</div>'
    bottom = f'{field(stage)}<div style="background:var(--foot);color:var(--foot-ink)">{below(stage)}</div>'
    css = variables(stage, app, web=False) + SHARED + tail
    return Screen(css=css, top=top, chat=chat(stage, app), bottom=bottom)


def in_browser(stage: Stage, app: str, tail: str) -> Screen:
    """The app in a browser: rooms at the left."""
    css = variables(stage, app, web=True) + SHARED + tail
    aside = rooms(stage) if stage.device.width > 640 else ""
    return Screen(css=css, top=heading(stage, web=True), chat=chat(stage, app), bottom=field(stage), aside=aside)


def whatsapp(stage: Stage) -> Screen:
    """WhatsApp on a phone."""
    return on_phone(stage, "WhatsApp", WHATSAPP_TAIL)


def whatsapp_web(stage: Stage) -> Screen:
    """WhatsApp in a browser."""
    return in_browser(stage, "WhatsApp", WHATSAPP_TAIL)


def telegram(stage: Stage) -> Screen:
    """Telegram on a phone."""
    return on_phone(stage, "Telegram", TELEGRAM_TAIL)


def telegram_web(stage: Stage) -> Screen:
    """Telegram in a browser."""
    return in_browser(stage, "Telegram", TELEGRAM_TAIL)
