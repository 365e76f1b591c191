"""KakaoTalk on a phone and in a window of a PC."""

from html import escape

from tests.browser_shots.markup import avatar, letters, marks, picture, sign, text
from tests.browser_shots.page import below, status_bar
from tests.browser_shots.stage import Screen, Stage
from tests.browser_shots.turns import Turn

SHARED = """
.row { display: flex; align-items: flex-start; }
.row.own { flex-direction: row-reverse; }
.body { display: flex; flex-direction: column; align-items: flex-start; min-width: 0; }
.own .body { align-items: flex-end; }
.line { display: flex; align-items: flex-end; }
.own .line { flex-direction: row-reverse; }
.meta { display: flex; flex-direction: column; flex: none; white-space: nowrap; }
.own .meta { align-items: flex-end; }
.bubble { position: relative; color: var(--other-ink); background: var(--other); }
.own .bubble { background: var(--own); color: var(--own-ink); }
.unread { color: var(--unread); }
.pill { display: flex; justify-content: center; }
.picture-box { overflow: hidden; }
.card { background: var(--card); color: var(--card-ink); overflow: hidden; display: flex; flex-direction: column; }
.card b { font-weight: 600; }
.card .words { padding: 10px 12px 12px; white-space: pre-wrap; }
.card .button { margin: 0 10px 8px; padding: 9px; border-radius: 4px; text-align: center; background: var(--button); }
.link { text-decoration: underline; }
.quote { display: block; border-bottom: 1px solid var(--rule); padding-bottom: 6px; margin-bottom: 6px; }
.quote b { display: block; font-weight: 600; }
.quote span { opacity: .6; }
.file small { display: block; opacity: .55; }
.gone { opacity: .6; display: flex; align-items: center; gap: 5px; }
.sticker { line-height: 1.1; }
"""
PHONE = """
body { background: var(--ground); color: var(--ink); font-size: var(--letters); }
.chat { padding: 0 0 10px; }
.head { height: 52px; padding: 0 16px; gap: 14px; flex: none; }
.head .title { font-size: 17px; font-weight: 600; }
.row { padding: 0 10px 0 8px; margin-top: 5px; }
.row.first { margin-top: 12px; }
.avatar { width: 40px; height: 40px; border-radius: 16px; margin-right: 8px; }
.own .avatar { display: none; }
.gap { width: 48px; flex: none; }
.name { font-size: 12.5px; color: var(--name); margin-bottom: 4px; }
.bubble { border-radius: 16px; padding: 8px 11px; line-height: 1.3; max-width: calc(var(--screen) * .64); }
.first .bubble.tail::before { content: ""; position: absolute; top: 4px; left: -6px; width: 14px; height: 13px;
  background: inherit; clip-path: path("M14 0 C 9 5 5 6 0 4 C 2 10 8 13 14 12 Z"); }
.first.own .bubble.tail::before { left: auto; right: -6px; transform: scaleX(-1); }
.meta { font-size: 10.5px; color: var(--meta); margin: 0 5px; line-height: 1.25; }
.picture-box, .card { border-radius: 14px; }
.card { width: calc(var(--screen) * .6); font-size: 14.5px; line-height: 1.35; }
.pill { margin: 14px 0 8px; }
.pill span { background: var(--pill); color: var(--pill-ink); border-radius: 14px; padding: 4px 13px; font-size: 12px; }
.foot { background: var(--input); color: var(--foot-ink); padding: 7px 10px; gap: 10px; }
.foot .field { background: var(--field); border-radius: 18px; height: 36px; padding: 0 12px; display: flex;
  align-items: center; justify-content: space-between; opacity: .9; font-size: 15px; }
.under { background: var(--input); color: var(--foot-ink); }
.share { width: 30px; height: 30px; border-radius: 15px; background: var(--pill); display: flex; align-items: center;
  justify-content: center; margin: 0 7px; align-self: center; color: var(--pill-ink); }
.down { position: absolute; right: 14px; bottom: 12px; width: 38px; height: 38px; border-radius: 19px; display: flex;
  align-items: center; justify-content: center; background: var(--other); color: var(--other-ink);
  box-shadow: 0 1px 4px #0004; }
"""
WINDOW = """
body { background: var(--ground); color: var(--ink); font-size: var(--letters); }
.chat { padding: 4px 0 10px; }
.controls { height: 24px; display: flex; justify-content: flex-end; gap: 18px; padding: 0 12px; align-items: center; }
.controls.mac { justify-content: flex-start; gap: 8px; }
.controls.mac i { width: 12px; height: 12px; border-radius: 6px; }
.head { height: 54px; padding: 0 14px; gap: 11px; }
.head .avatar { border-radius: 15px; width: 38px; height: 38px; }
.head .title { font-size: 13.5px; font-weight: 600; }
.head small { opacity: .6; font-size: 11px; }
.row { padding: 0 16px 0 12px; margin-top: 6px; }
.row.first { margin-top: 13px; }
.row .avatar { width: 38px; height: 38px; border-radius: 15px; margin-right: 9px; }
.own .avatar { display: none; }
.gap { width: 47px; flex: none; }
.name { font-size: 11.5px; color: var(--name); margin-bottom: 4px; }
.bubble { border-radius: var(--corner); padding: 6px 9px; line-height: 1.4; max-width: calc(var(--screen) * .6); }
.first .bubble.tail::before { content: ""; position: absolute; top: 7px; left: -5px; border: 4px solid transparent;
  border-left-width: 0; border-right: 6px solid var(--other); }
.first.own .bubble.tail::before { left: auto; right: -5px; border: 4px solid transparent; border-right-width: 0;
  border-left: 6px solid var(--own); }
.meta { font-size: 10.5px; color: var(--meta); margin: 0 6px; line-height: 1.3; }
.picture-box, .card { border-radius: 5px; }
.card { width: 240px; line-height: 1.4; }
.pill { margin: 16px 14px 8px; align-items: center; gap: 10px; font-size: 11.5px; color: var(--meta); }
.pill.date::before, .pill.date::after { content: ""; flex: 1; height: 1px; background: var(--pill); }
.pill.note span { background: var(--pill); color: var(--pill-ink); border-radius: 12px; padding: 4px 12px; }
.foot { background: var(--input); color: var(--foot-ink); display: flex; flex-direction: column; height: 108px; }
.foot .field { flex: 1; padding: 10px 12px; opacity: .5; }
.foot .tools { display: flex; align-items: center; gap: 12px; padding: 6px 10px; }
.foot .go { margin-left: auto; background: var(--own); color: #191919; border-radius: 4px; padding: 6px 12px; }
"""
LIGHT = {
    "own": "#fee500", "own-ink": "#191919", "other": "#ffffff", "other-ink": "#191919", "meta": "#566270",
    "name": "#4a5561", "ink": "#1e2226", "unread": "#fff04d", "pill": "rgba(0,0,0,.13)", "pill-ink": "#ffffff",
    "input": "#ffffff", "foot-ink": "#53585e", "field": "#f3f4f6", "rule": "rgba(0,0,0,.1)", "card": "#ffffff",
    "card-ink": "#191919", "button": "#f2f3f5",
}  # fmt: skip
DARK = LIGHT | {
    "other": "#323234", "other-ink": "#ebebeb", "meta": "#8c8c90", "name": "#ababb0", "ink": "#ebebeb",
    "unread": "#e8d63a", "pill": "rgba(255,255,255,.1)", "pill-ink": "#c9c9cc", "input": "#242426",
    "foot-ink": "#b5b5b8", "field": "#333336", "card": "#323234", "card-ink": "#ebebeb", "button": "#434346",
}  # fmt: skip
LIGHT_GROUNDS = ("#abc1d1", "#bacee0", "#b2c7d9", "#9bbbd4", "#c4dcd0", "#f5e6d8")
DARK_GROUNDS = ("#1c1c1e", "#212124", "#151517")


def variables(stage: Stage, ground: str, letters: float) -> str:
    """The colours and sizes of the theme."""
    values = (DARK if stage.dark else LIGHT) | {
        "ground": ground,
        "letters": f"{letters}px",
        "screen": f"{min(stage.device.width, 520)}px",
        "corner": f"{stage.rng.choice((4, 6, 12))}px",
    }
    return ":root {" + "".join(f"--{name}: {value};" for name, value in values.items()) + "}"


def content(turn: Turn, stage: Stage) -> str:
    """The bubble, picture or card of a message."""
    said = turn.said
    timed = turn.ends
    found = marks(turn, named=turn.first and not turn.own, timed=timed)
    if said.kind == "photo":
        width, height = stage.rng.choice(((180, 240), (220, 160), (200, 200)))
        return f'<div class="picture-box" {found}>{picture(width, height, said.seed)}</div>'
    if said.kind == "sticker":
        bare = marks(turn, named=turn.first and not turn.own, timed=timed, bare=True)
        return f'<div class="sticker" style="font-size:{stage.rng.choice((90, 110))}px" {bare}>🐻</div>'
    if said.kind == "card":
        image = picture(300, 130, said.seed) if said.picture else ""
        title, *rest = said.text.split("\n")
        buttons = "".join(f'<span class="button" data-button>{escape(label)}</span>' for label in said.buttons)
        words = f"<b data-text>{escape(title)}</b>\n<span data-text>{escape(chr(10).join(rest))}</span>"
        return f'<div class="card" {found}>{image}<div class="words">{words}</div>{buttons}</div>'
    if said.kind == "file":
        return (
            f'<div class="bubble tail file" {found}><span data-text>{escape(said.text)}</span>'
            f"<small>용량 {stage.rng.randint(10, 900)}.{stage.rng.randint(10, 99)} KB</small></div>"
        )
    if said.kind == "deleted":
        return (
            f'<div class="bubble tail" {found}><span class="gone">{sign("close", 13)}'
            f"<span data-text>삭제된 메시지입니다.</span></span></div>"
        )
    quote = ""
    if turn.quoted is not None:
        who = turn.quoted.sender or "나"
        quote = f'<span class="quote"><b>{escape(who)}에게 답장</b><span>{letters(turn.quoted.text[:30])}</span></span>'
    return f'<div class="bubble tail" {found}>{quote}{text(turn)}</div>'


def row(turn: Turn, stage: Stage) -> str:
    """A message with its date, name, time and read count."""
    said = turn.said
    icon = sign("bell", 12) if stage.ios and turn.date else ""
    above = f'<div class="pill date"><span>{icon} {turn.date}</span></div>' if turn.date else ""
    if said.kind == "system":
        return (
            f'{above}<div class="pill note"><span {marks(turn, named=False, timed=False, bare=True)}>'
            f"<span data-text>{escape(said.text)}</span></span></div>"
        )
    classes = "row" + " own" * turn.own + " first" * turn.first
    face = avatar(said.sender, 40) if turn.first and not turn.own else '<span class="gap"></span>'
    name = f'<div class="name one">{escape(said.sender)}</div>' if turn.first and not turn.own else ""
    unread = f'<span class="unread">{turn.unread}</span>' if turn.unread else ""
    clock = f"<span>{turn.time}</span>" if turn.ends else ""
    share = (
        f'<span class="share">{sign("share", 15)}</span>'
        if said.kind in ("photo", "card") and stage.device.system != "pc"
        else ""
    )
    return (
        f'{above}<div class="{classes}">{"" if turn.own else face}<div class="body">{name}<div class="line">'
        f'{content(turn, stage)}{share}<div class="meta">{unread}{clock}</div></div></div></div>'
    )


def kakao(stage: Stage) -> Screen:
    """The app on a phone."""
    rng, room = stage.rng, stage.conversation
    ground = rng.choice(DARK_GROUNDS if stage.dark else LIGHT_GROUNDS)
    count = f'<span style="opacity:.5">{len(room.members) + 1}</span>' if room.group else ""
    title = f'<span class="title one">{escape(room.title)}</span>{count}'
    middle = (
        f'<span class="grow"></span>{title}<span class="grow"></span>'
        if stage.ios
        else f"{title}<span class='grow'></span>"
    )
    top = (
        f"{status_bar(stage)}"
        f'<div class="bar head">{sign("back", 24)}{middle}{sign("search", 22)}{sign("menu", 23)}</div>'
    )
    prompt = rng.choice(("메시지 입력", "", "메시지 보내기"))
    bottom = (
        f'<div class="bar foot">{sign("plus", 24)}<div class="field grow"><span>{prompt}'
        f"</span>{sign('smile', 22)}</div>"
        f'{sign("hash", 20)}</div><div class="under">{below(stage)}</div>'
    )
    floats = (
        f'<div style="position:relative"><div class="down" data-cover>{sign("down", 20)}</div></div>'
        if stage.chance(0.15)
        else ""
    )
    wrap = ".text { word-break: break-all; }" if stage.ios else ".text { word-break: keep-all; }"
    return Screen(
        css=variables(stage, ground, rng.choice((14.5, 15.5, 15.5, 16.5))) + SHARED + PHONE + wrap,
        top=top,
        chat="".join(row(turn, stage) for turn in stage.turns),
        bottom=bottom,
        floats=floats,
    )


def kakao_pc(stage: Stage) -> Screen:
    """The app's window on Windows or macOS."""
    rng, room = stage.rng, stage.conversation
    ground = rng.choice(DARK_GROUNDS if stage.dark else LIGHT_GROUNDS)
    mac = stage.chance(0.35)
    controls = (
        '<div class="controls mac"><i style="background:#ff5f57"></i><i style="background:#febc2e"></i>'
        '<i style="background:#28c840"></i></div>'
        if mac
        else '<div class="controls"><span>–</span><span>□</span><span>×</span></div>'
    )
    members = f"<small>{sign('smile', 12)} {len(room.members) + 1}</small>" if room.group else ""
    top = (
        f'{controls}<div class="bar head">{avatar(room.title, 38)}<div class="grow"><div class="title one">'
        f"{escape(room.title)}</div>{members}</div>{sign('search', 18)}{sign('call', 17)}{sign('menu', 18)}</div>"
    )
    tools = "".join(sign(name, 18) for name in ("smile", "clip", "image", "call"))
    bottom = (
        f'<div class="foot"><div class="field">{rng.choice(("", "메시지 입력"))}</div><div class="tools">{tools}'
        f'<span class="go">전송</span></div></div>'
    )
    return Screen(
        css=variables(stage, ground, rng.choice((12, 12.5, 13, 14)))
        + SHARED
        + WINDOW
        + ".text { word-break: break-all; }",
        top=top,
        chat="".join(row(turn, stage) for turn in stage.turns),
        bottom=bottom,
    )
