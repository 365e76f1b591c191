"""Discord and Slack: rows at the left for everybody; a name and a time, and the messages under them."""

from html import escape

from tests.browser_shots.markup import HANDLE, avatar, marks, picture, sign, text
from tests.browser_shots.page import below, status_bar
from tests.browser_shots.stage import Screen, Stage
from tests.browser_shots.turns import Turn

CSS = """
body { background: var(--ground); color: var(--ink); }
.chat { padding: 8px 0 14px; }
.row { display: flex; padding: 1px 16px; gap: 14px; align-items: flex-start; }
.row.first { margin-top: var(--apart); }
.avatar { border-radius: var(--round); }
.gap { width: var(--face); flex: none; }
.body { min-width: 0; max-width: 100%; }
.name { font-weight: 600; font-size: 15.5px; line-height: 1.35; }
.name small { font-weight: 400; font-size: 12px; color: var(--meta); margin-left: 7px; }
.said { font-size: var(--letters); line-height: 1.38; width: fit-content; max-width: 100%; }
.picture { border-radius: 8px; margin-top: 4px; width: fit-content; }
.tag { background: var(--accent); color: #fff; border-radius: 3px; font-size: 10px; padding: 1px 4px;
  margin-left: 5px; }
.marks { display: flex; gap: 5px; margin: 4px 0; }
.marks span { border: 1px solid var(--rule); background: var(--panel); border-radius: 9px; padding: 1px 7px;
  font-size: 13px; }
.when { display: flex; align-items: center; margin: 16px; gap: 8px; color: var(--meta); font-size: 12px;
  font-weight: 600; }
.when::before, .when::after { content: ""; flex: 1; height: 1px; background: var(--rule); }
.link { color: var(--link); }
.top { background: var(--bar); border-bottom: 1px solid var(--rule); }
.head { height: 48px; padding: 0 16px; gap: 10px; }
.head b { font-size: 16px; }
.foot { padding: 8px 16px 16px; color: var(--meta); }
.foot .field { background: var(--field); border: 1px solid var(--rule); border-radius: 9px; height: 44px;
  padding: 0 14px;
  display: flex; align-items: center; gap: 12px; font-size: 15px; }
.rooms { width: 240px; flex: none; background: var(--panel); color: var(--meta); height: 100%; overflow: hidden;
  padding: 14px 10px; font-size: 15px; }
.rooms b { color: var(--ink); display: block; padding-bottom: 14px; font-size: 16px; }
.rooms div { padding: 5px 8px; border-radius: 5px; display: flex; gap: 7px; align-items: center; }
.rooms div.on { background: var(--field); color: var(--ink); }
"""
DISCORD_DARK = {
    "ground": "#313338", "ink": "#dbdee1", "meta": "#949ba4", "rule": "#3f4147", "bar": "#313338", "panel": "#2b2d31",
    "field": "#383a40", "link": "#00a8fc", "accent": "#5865f2",
}  # fmt: skip
DISCORD_LIGHT = DISCORD_DARK | {
    "ground": "#ffffff", "ink": "#313338", "meta": "#5c5e66", "rule": "#e1e2e4", "bar": "#ffffff", "panel": "#f2f3f5",
    "field": "#ebedef", "link": "#006ce7",
}  # fmt: skip
SLACK_LIGHT = {
    "ground": "#ffffff", "ink": "#1d1c1d", "meta": "#616061", "rule": "#dddddd", "bar": "#ffffff", "panel": "#f8f8f8",
    "field": "#ffffff", "link": "#1264a3", "accent": "#611f69",
}  # fmt: skip
SLACK_DARK = SLACK_LIGHT | {
    "ground": "#1a1d21", "ink": "#d1d2d3", "meta": "#ababad", "rule": "#35373b", "bar": "#1a1d21", "panel": "#222529",
    "field": "#222529", "link": "#1d9bd1",
}  # fmt: skip
CHANNELS = ("general", "잡담", "random", "질문", "announcements", "개발", "music", "공지")


def row(turn: Turn, stage: Stage, *, discord: bool) -> str:
    """A message; its sender's name and time where a run of it begins."""
    said, rng = turn.said, stage.rng
    when = f'<div class="when">{turn.date}</div>' if turn.date else ""
    face, name = '<span class="gap"></span>', ""
    if turn.first:
        who = said.sender or HANDLE
        face = avatar(who, 40 if discord else 36)
        hue = sum(map(ord, who)) * 31 % 360
        tint = f"color:hsl({hue} 55% {68 if stage.dark else 38}%)" if discord and hue % 3 else ""
        tag = '<span class="tag">APP</span>' if discord and hue % 11 == 0 else ""
        day = stage.say("오늘 ", "Today at ", "今日 ", "Oggi alle ") if discord else ""
        name = f'<div class="name"><span style="{tint}">{escape(who)}</span>{tag}<small>{day}{turn.time}</small></div>'
    found = marks(turn, named=turn.first, timed=turn.first, unsided=True)
    if said.kind == "photo":
        body = f'<div class="shown" style="width:fit-content" {found}>{picture(280, 190, said.seed)}</div>'
    else:
        body = f'<div class="said" {found}>{text(turn)}</div>'
    given = "".join(f"<span>{rng.choice('👍😂🔥❤')} {rng.randint(1, 9)}</span>" for _ in range(rng.randint(1, 3)))
    reactions = f'<div class="marks">{given}</div>' if rng.random() < 0.06 else ""
    return f'{when}<div class="row{" first" * turn.first}">{face}<div class="body">{name}{body}{reactions}</div></div>'


def screen(stage: Stage, colours: dict[str, str], *, discord: bool) -> Screen:
    """The app on a phone, or in a window with its channels at the left."""
    rng, desktop = stage.rng, stage.device.system == "pc"
    values = colours | {
        "apart": f"{17 if discord else 12}px",
        "round": "50%" if discord else "7px",
        "face": f"{40 if discord else 36}px",
        "letters": f"{rng.choice((15, 16)) if discord else 15}px",
    }
    variables = ":root {" + "".join(f"--{name}: {value};" for name, value in values.items()) + "}"
    channel = rng.choice(CHANNELS)
    signs = "".join(sign(name, 20) for name in ("bell", "pin", "search"))
    start = "" if desktop else status_bar(stage)
    back = "" if desktop else sign("back", 22)
    top = (
        f'<div class="top">{start}<div class="bar head">{back}{sign("hash", 18)}<b class="one">{channel}</b>'
        f'<span class="grow"></span>{signs}</div></div>'
    )
    prompt = stage.say(f"#{channel}에 메시지 보내기", f"Message #{channel}")
    bottom = (
        f'<div class="foot"><div class="field">{sign("plus", 20)}<span class="grow one">{prompt}'
        f"</span>{sign('smile', 20)}</div>"
        f"</div>{'' if desktop else below(stage)}"
    )
    listed = "".join(
        f'<div class="{"on" * (name == channel)}">{sign("hash", 15)}{name}</div>' for name in rng.sample(CHANNELS, 7)
    )
    aside = f'<div class="rooms"><b>{escape(stage.conversation.title)}</b>{listed}</div>' if desktop else ""
    told = [turn for turn in stage.turns if turn.said.kind in ("text", "photo")]
    chat = "".join(row(turn, stage, discord=discord) for turn in told)
    return Screen(
        css=variables + CSS, top=top, chat=chat, bottom=bottom, aside=aside if stage.device.width > 620 else ""
    )


def discord(stage: Stage) -> Screen:
    """Discord."""
    return screen(stage, DISCORD_DARK if stage.dark else DISCORD_LIGHT, discord=True)


def slack(stage: Stage) -> Screen:
    """Slack."""
    return screen(stage, SLACK_DARK if stage.dark else SLACK_LIGHT, discord=False)
