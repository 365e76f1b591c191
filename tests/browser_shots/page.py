"""The whole page of a screenshot: what every app shares around its own template."""

from html import escape

from tests.browser_shots.markup import sign
from tests.browser_shots.stage import Screen, Stage

FAMILIES = ("Noto Sans CJK KR", "NanumBarunGothic", "NanumGothic", "NanumSquare")
"""Korean families that the tests provision (fonts-noto-cjk, fonts-nanum); Chromium falls back to any other."""

BASE = """
* { box-sizing: border-box; margin: 0; padding: 0; }
html, body { height: 100%; overflow: hidden; }
body { display: flex; -webkit-font-smoothing: antialiased; }
.window { flex: 1; min-width: 0; display: flex; flex-direction: column; height: 100%; position: relative; }
[data-chat] { flex: 1; min-height: 0; overflow: hidden; position: relative; }
.text { white-space: pre-wrap; overflow-wrap: anywhere; }
.sign { display: inline-block; vertical-align: middle; flex: none; }
.avatar { display: inline-block; flex: none; overflow: hidden; text-align: center; color: #fff; }
.avatar svg, .picture { display: block; }
.status { display: flex; justify-content: space-between; align-items: center; padding: 0 22px; font-weight: 600; }
.status .cells { display: flex; gap: 5px; align-items: center; }
.bar { display: flex; align-items: center; }
.grow { flex: 1; min-width: 0; }
.one { white-space: nowrap; overflow: hidden; text-overflow: ellipsis; }
.home { height: 24px; display: flex; justify-content: center; align-items: flex-end; padding-bottom: 8px; }
.home i { width: 36%; height: 5px; border-radius: 3px; background: currentColor; }
.keys { height: 44px; display: flex; justify-content: space-around; align-items: center; opacity: .7; }
"""


def status_bar(stage: Stage) -> str:
    """Clock, reception and battery of a phone."""
    rng = stage.rng
    height = 50 if stage.ios and stage.device.height > 800 else 24
    carrier = rng.choice(("", "", "KT ", "SKT ", "LTE ")) if not stage.ios else ""
    cells = (
        '<svg width="18" height="12" viewBox="0 0 18 12" fill="currentColor"><rect y="8" width="3" height="4" rx="1"/>'
        '<rect x="5" y="5" width="3" height="7" rx="1"/><rect x="10" y="3" width="3" height="9" rx="1"/>'
        '<rect x="15" width="3" height="12" rx="1"/></svg>'
        '<svg width="25" height="12" viewBox="0 0 25 12"><rect x=".5" y=".5" width="21" height="11" rx="3" fill="none" '
        f'stroke="currentColor" opacity=".5"/><rect x="2" y="2" width="{rng.randint(4, 18)}" height="8" rx="1.5" '
        'fill="currentColor"/></svg>'
    )
    level = f"{rng.randint(8, 100)}%" if rng.random() < 0.5 else ""
    return (
        f'<div class="status" style="height:{height}px;font-size:{15 if stage.ios else 13}px;flex:none">'
        f"<span>{carrier}{rng.randint(1, 12)}:{rng.randint(0, 59):02d}</span>"
        f'<span class="cells">{level}{cells}</span></div>'
    )


def below(stage: Stage) -> str:
    """What is below the input box of a phone: the line of an iPhone, or the three keys of an Android."""
    if stage.ios:
        return '<div class="home"><i></i></div>' if stage.device.height > 800 else ""
    if not stage.chance(0.5):
        return ""
    return (
        f'<div class="keys">{sign("menu", 18)}'
        f'<svg width="16" height="16" viewBox="0 0 16 16" fill="none" stroke="currentColor" stroke-width="1.6">'
        f'<rect x="1" y="1" width="14" height="14" rx="3"/></svg>{sign("back", 18)}</div>'
    )


def document(screen: Screen, stage: Stage) -> str:
    """The HTML of a screenshot."""
    rng = stage.rng
    family = rng.choice(FAMILIES)
    latin = rng.choice(("", '"Liberation Sans", ', '"DejaVu Sans", ')) if stage.language != "ko" else ""
    japanese = '"Noto Sans CJK JP", ' if stage.language == "ja" else ""
    body = f'body {{ font-family: {latin}{japanese}"{family}", sans-serif; }}'
    top, bottom = (screen.top, screen.bottom) if stage.bars else ("", "")
    return (
        f'<!doctype html><html lang="{stage.language}"><head><meta charset="utf-8"><title>{escape(screen.look)}</title>'
        f"<style>{BASE}{body}{screen.css}</style></head><body>{screen.aside}"
        f'<div class="window">{top}<div data-chat class="chat">{screen.chat}</div>{screen.floats}{bottom}</div>'
        f"</body></html>"
    )
