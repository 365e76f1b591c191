"""Bubbles whose lines are hard to find, drawn one by one: what the looks of `tests.screenshots` hold too seldom.

Every category says what is hard about it; the rest (font, size, colours, words) is drawn by lot.
"""

import random
from collections.abc import Callable, Sequence
from typing import NamedTuple

from PIL import Image, ImageFilter

from processors.ocr.training.drawing import Canvas, Colour, Rectangle
from processors.ocr.training.fonts import Typeface, typefaces
from processors.ocr.training.lettering import TextStyle, text_width, wrap_text
from tests.screenshots import phrases
from tests.screenshots.conversations import PLAIN, converse
from tests.screenshots.vocabulary import EMOJI_LIKED
from tests.screenshots.wallpapers import brightness, doodles, gradient, hue, mixed, photo

WHITE, BLACK = (255, 255, 255), (25, 25, 28)
GROUNDS: tuple[tuple[Colour, Colour], ...] = (
    ((255, 255, 255), (25, 25, 25)),
    ((254, 229, 0), (25, 25, 25)),
    ((0, 122, 255), (255, 255, 255)),
    ((38, 38, 41), (235, 235, 235)),
    ((231, 254, 216), (17, 27, 33)),
    ((0, 92, 75), (233, 237, 239)),
    ((141, 231, 126), (17, 17, 17)),
)
"""Bubbles and inks of the messengers."""
SMALL_WORDS = ("네", "응", "ㅇ", "ㅋ", "헐", "왜", "?", "!", "ㅠ", "어", "1", "아", "ㄴ", "굿", "L", "O", "~", "^^")
LOW_WORDS = ("...", "ㅡㅡ", "~~", ".", "-_-", "……", "ㅡ", "--", "··", "_")
BUTTONS = ("자세히 보기", "신청하기", "처음으로", "메뉴 보기", "공유하기", "상담원 연결", "예약 확인", "다음")


class HardBubble(NamedTuple):
    """A picture (RGB), the bubble in it, and its lines from top to bottom."""

    image: Image.Image
    box: Rectangle
    lines: tuple[str, ...]


class Run(NamedTuple):
    """Words of one colour in a row."""

    text: str
    colour: Colour | None = None
    underlined: bool = False


class Row(NamedTuple):
    """A line: its runs, its style, its pitch in units of the text size, and blank above it in the same units."""

    runs: tuple[Run, ...]
    style: TextStyle
    leading: float
    above: float = 0.0
    ruled: bool = False
    """A hairline across the bubble stands in the blank above."""
    button: bool = False
    """The row is a label, centred on a ground of its own."""

    @property
    def text(self) -> str:
        return "".join(run.text for run in self.runs)


class Setting(NamedTuple):
    """What one bubble is drawn with. `size` is the em in pixels, `widest` the room for a line."""

    rng: random.Random
    face: Typeface
    scale: float
    size: float
    leading: float
    ground: Colour
    ink: Colour
    wall: Colour
    widest: float

    @property
    def style(self) -> TextStyle:
        return TextStyle(self.face, self.size)

    def rows(self, text: str, leading: float | None = None) -> list[Row]:
        """Plain rows of a text, wrapped."""
        by = self.rng.choice(("word", "character"))
        shown = wrap_text(text, self.style, self.widest, "word" if by == "word" else "character")
        return [Row((Run(line),), self.style, leading or self.leading) for line in shown if line.strip()]

    def words(self, least: int = 6, most: int = 90) -> str:
        """Something somebody says, of so many characters."""
        while True:
            said = converse(self.rng.getrandbits(30), 12, mix=PLAIN).utterances
            fitting = [u.text for u in said if least <= len(u.text) <= most and "\n" not in u.text]
            if fitting:
                return self.rng.choice(fitting)

    def colour(self, near: bool = False) -> Colour:
        """The blue of a link; `near`: one that stands out little from the bubble."""
        if near:
            towards = self.rng.choice((self.ink, (40, 110, 220), (90, 150, 255), (255, 255, 255), (0, 0, 0)))
            colour = mixed(self.ground, towards, 0.4)
            # What people themselves cannot read is no fault of the reader.
            while abs(brightness(colour) - brightness(self.ground)) < 40:
                colour = mixed(colour, self.ink, 0.15)
            return colour
        return (30, 100, 220) if brightness(self.ground) > 128 else (120, 180, 255)


def setting(rng: random.Random) -> Setting:
    """By lot: a desktop at one pixel a point, or a phone."""
    scale = rng.choice((1.0, 2.0, 2.625, 3.0))
    ground, ink = rng.choice(GROUNDS)
    wall = hue(rng, (0.1, 0.4), (0.55, 0.9)) if brightness(ground) > 90 else hue(rng, (0.1, 0.3), (0.02, 0.12))
    while sum(abs(a - b) for a, b in zip(wall, ground, strict=True)) < 60:
        wall = mixed(wall, (0, 0, 0) if brightness(ground) > 90 else (255, 255, 255), 0.3)
    size = scale * rng.uniform(12.5, 17)
    widest = size * rng.uniform(10, 17)
    return Setting(rng, rng.choice(typefaces()), scale, size, rng.uniform(1.27, 1.4), ground, ink, wall, widest)


def painted(
    at: Setting,
    rows: Sequence[Row],
    *,
    fill: Image.Image | None = None,
    shadow: bool = False,
    stamp: str = "",
    bar: int = 0,
    radius: float | None = None,
) -> HardBubble:
    """The rows in a bubble on a wall. `stamp` is small and pale in the lower right corner; `bar` marks so many rows as
    a quotation by a stroke on their left."""
    px, small = at.scale, TextStyle(at.face, at.size * 0.68)
    pad_x, pad_y, edge = 10.5 * px, 7.5 * px, round(24 * px)
    room = text_width(stamp, small) + 9 * px if stamp else 0.0
    widths = [text_width(row.text, row.style) for row in rows]
    below = small.size * 1.25 if stamp and widths[-1] + room > at.widest else 0.0
    inner = max(*widths, widths[-1] + (0.0 if below else room), room) + (8 * px if bar else 0.0)
    width = max(inner + 2 * pad_x, 34 * px)
    height = 2 * pad_y + below + sum((row.leading + row.above) * row.style.size for row in rows)
    box = Rectangle(edge, edge, edge + round(width), edge + round(height))
    canvas = Canvas(Image.new("RGB", (round(box.right) + edge, round(box.bottom) + edge), at.wall))
    corner = min(box.height / 2, radius if radius is not None else at.rng.choice((3.5, 9, 15, 18)) * px)
    if shadow:
        mask = Image.new("RGB", canvas.image.size)
        Canvas(mask)
        shade = Canvas(mask)
        shade.rounded(box.moved(0, at.rng.uniform(1, 3) * px), corner, WHITE)
        blurred = shade.image.convert("L").filter(ImageFilter.GaussianBlur(at.rng.uniform(1, 3) * px))
        canvas.cover(blurred, 0, 0, (0, 0, 0), at.rng.uniform(0.15, 0.4))
    canvas.rounded(box, corner, fill if fill is not None else at.ground)
    y = box.top + pad_y
    left = box.left + ((box.width - inner) / 2 if len(rows) == 1 else pad_x)
    for number, row in enumerate(rows):
        size = row.style.size
        if row.ruled:
            middle = y + row.above * size / 2
            canvas.fill(
                Rectangle(box.left + pad_x / 2, middle, box.right - pad_x / 2, middle + max(1.0, px / 2)),
                mixed(at.ground, at.ink, 0.15),
            )
        y += row.above * size
        x = left + (8 * px if number < bar else 0.0)
        if row.button:
            face = Rectangle(box.left + pad_x, y, box.right - pad_x, y + row.leading * size)
            canvas.rounded(face, 4 * px, mixed(at.ground, at.ink, 0.07))
            x = (box.left + box.right - text_width(row.text, row.style)) / 2
        baseline = y + (row.leading - 1) / 2 * size + 0.86 * size
        for run in row.runs:
            colour = run.colour or at.ink
            advance = canvas.text(x, baseline, run.text, row.style, colour)
            if run.underlined:
                under = baseline + 0.13 * size
                canvas.stroke([(x, under), (x + advance, under)], max(1.0, size / 18), colour)
            x += advance
        y += row.leading * size
    if bar:
        end = box.top + pad_y + sum((row.leading + row.above) * row.style.size for row in rows[:bar])
        canvas.fill(Rectangle(left, box.top + pad_y, left + 3 * px, end), at.colour())
    if stamp:
        canvas.text(
            box.right - pad_x - text_width(stamp, small),
            box.bottom - 0.8 * pad_y,
            stamp,
            small,
            mixed(at.ink, at.ground, 0.42),
        )
    return HardBubble(canvas.image, box, tuple(row.text for row in rows))


def linked(at: Setting, *, near: bool = False, underlined: bool = True) -> HardBubble:
    """A sentence with an address in a colour of its own."""
    text = phrases.fill(at.rng.choice(("이거 봐봐 {link}", "{link} 여기서 신청하면 돼", "{link}")), at.rng)
    rows = []
    for row in at.rows(text):
        runs = []
        for place, word in enumerate(row.text.split(" ")):
            runs += [Run(" ")] if place else []
            address = word.isascii() and len(word) > 1
            runs.append(Run(word, at.colour(near), underlined) if address else Run(word))
        rows.append(row._replace(runs=tuple(runs)))
    return painted(at, rows)


def mention(at: Setting) -> HardBubble:
    name = phrases.fill("@{name}", at.rng)
    first, *rest = at.rows(f"{name} {at.words()}")
    if not first.text.startswith(name):
        return painted(at, [first, *rest])
    runs = (Run(name, at.colour(near=at.rng.random() < 0.3)), Run(first.text.removeprefix(name)))
    return painted(at, [first._replace(runs=runs), *rest])


def quotation(at: Setting) -> HardBubble:
    """A name, a small grey line that is answered, a hairline or a bar, and the answer."""
    small = TextStyle(at.face, at.size * 0.8)
    grey = mixed(at.ink, at.ground, 0.45)
    name = Row((Run(phrases.fill("{name}에게 답장", at.rng), at.rng.choice((grey, at.ink))),), small, 1.3)
    quoted = Row((Run(at.words(4, 14), grey),), small, 1.3)
    answer = at.rows(at.words())
    if at.rng.random() < 0.5:
        return painted(at, [name, quoted, answer[0]._replace(above=0.5), *answer[1:]], bar=2)
    return painted(at, [name, quoted, answer[0]._replace(above=0.9, ruled=True), *answer[1:]])


def list_card(at: Setting) -> HardBubble:
    """A bold title, entries with a small description each between hairlines, buttons."""
    bold, small = TextStyle(at.face, at.size * 1.05, bold=True), TextStyle(at.face, at.size * 0.8)
    grey = mixed(at.ink, at.ground, 0.45)
    rows = [Row((Run(at.words(4, 14)),), bold, 1.4)]
    for _ in range(at.rng.randint(1, 3)):
        rows.append(Row((Run(at.words(4, 16)),), at.style, 1.3, above=0.8, ruled=True))
        rows.append(Row((Run(at.words(4, 18), grey),), small, 1.3))
    for label in at.rng.sample(BUTTONS, at.rng.randint(1, 3)):
        rows.append(Row((Run(label),), TextStyle(at.face, at.size * 0.9), 2.5, above=0.4, button=True))
    return painted(at._replace(ground=WHITE, ink=BLACK), rows, radius=12 * at.scale)


def gradient_ground(at: Setting) -> HardBubble:
    rng = at.rng
    light = rng.random() < 0.5
    colours = [hue(rng, (0.15, 0.4), (0.85, 1)) if light else hue(rng, (0.5, 0.9), (0.4, 0.7)) for _ in range(2)]
    fill = gradient(64, 64, tuple(colours), rng)
    return painted(at._replace(ink=BLACK if light else WHITE), at.rows(at.words()), fill=fill)


def picture_ground(at: Setting) -> HardBubble:
    """A faded photo, or doodles, under the text."""
    rng = at.rng
    light = rng.random() < 0.5
    base = hue(rng, (0.05, 0.3), (0.85, 1)) if light else hue(rng, (0.2, 0.6), (0.1, 0.3))
    ground = Image.new("RGB", (480, 240), base)
    if rng.random() < 0.5:
        fill = Image.blend(photo(480, 240, rng, "hills", "lights"), ground, rng.uniform(0.7, 0.9))
    else:
        fill = doodles(480, 240, ground, BLACK if light else WHITE, rng.uniform(0.04, 0.12), 1.0, rng)
    return painted(at._replace(ink=BLACK if light else WHITE), at.rows(at.words()), fill=fill)


def emoji_end(at: Setting) -> HardBubble:
    marks = "".join(at.rng.choices(EMOJI_LIKED, k=at.rng.randint(1, 3)))
    return painted(at, at.rows(f"{at.words()} {marks}"))


def emoji_rows(at: Setting) -> HardBubble:
    """Emoji alone in a bubble, or on a line of their own."""
    marks = "".join(at.rng.choices(EMOJI_LIKED, k=at.rng.randint(1, 5)))
    row = Row((Run(marks),), at.style, at.leading)
    return painted(at, at.rng.choice(([row], [*at.rows(at.words(4, 40)), row], [row, *at.rows(at.words(4, 40))])))


def low_rows(at: Setting) -> HardBubble:
    """Lines of letters that are all low."""
    row = Row((Run(at.rng.choice(LOW_WORDS)),), at.style, at.leading)
    return painted(at, at.rng.choice(([row], [*at.rows(at.words(4, 40)), row], [row, *at.rows(at.words(4, 40))])))


def paragraphs(at: Setting) -> HardBubble:
    """A line left empty between two paragraphs; the first may be short."""
    second = at.rows(at.words())
    return painted(at, [*at.rows(at.words(2, 40)), second[0]._replace(above=at.leading), *second[1:]])


def numbered(at: Setting) -> HardBubble:
    """A list as bots send it."""
    mark = at.rng.choice(("{}. ", "{}) ", "- ", "• ", "▶ ", "※ ", "[{}] "))
    rows = at.rows(at.words(8, 30))
    for number in range(1, at.rng.randint(3, 7)):
        rows += at.rows(mark.format(number) + at.words(2, 12))
    return painted(at, rows)


def shaded(at: Setting) -> HardBubble:
    return painted(at._replace(wall=mixed(at.ground, at.wall, 0.25)), at.rows(at.words(2)), shadow=True)


def timed(at: Setting) -> HardBubble:
    stamp = at.rng.choice(("14:05", "오후 3:21", "9:41 PM", "오전 11:48", "수정됨 21:17"))
    return painted(at, at.rows(at.words(1)), stamp=stamp)


def cut(at: Setting) -> HardBubble:
    """A bubble that the edge of the screen cuts: through a gap, or so that little or most of a line is left."""
    whole = painted(at, at.rows(at.words(30, 200)))
    pitch, first = at.size * at.leading, whole.box.top + 7.5 * at.scale + (at.leading - 1) / 2 * at.size
    hidden = at.rng.randint(1, max(1, len(whole.lines) - 1))
    share = at.rng.choice((-0.1, 0.15, 0.85, 1.1))
    if at.rng.random() < 0.5:
        row = round(first + pitch * hidden - (share - 0.02) * at.size)
        lines = whole.lines[hidden:] if share < 0.5 else whole.lines[hidden - 1 :]
        image = whole.image.crop((0, row, whole.image.width, whole.image.height))
        return HardBubble(image, whole.box._replace(top=0, bottom=whole.box.bottom - row), lines)
    row = round(first + pitch * (len(whole.lines) - hidden) + (share - 0.02) * at.size)
    lines = whole.lines[: len(whole.lines) - hidden + (share > 0.5)]
    return HardBubble(
        whole.image.crop((0, 0, whole.image.width, row)), whole.box._replace(bottom=min(row, whole.box.bottom)), lines
    )


def one_letter(at: Setting) -> HardBubble:
    return painted(at, [Row((Run(at.rng.choice(SMALL_WORDS)),), at.style, at.leading)])


CATEGORIES: dict[str, Callable[[Setting], HardBubble]] = {
    "gradient ground": gradient_ground,
    "picture ground": picture_ground,
    "links": lambda at: linked(at, underlined=False),
    "links, underlined": linked,
    "links, faint": lambda at: linked(at, near=True, underlined=at.rng.random() < 0.5),
    "mentions": mention,
    "quotes": quotation,
    "list cards": list_card,
    "emoji at the end": emoji_end,
    "emoji alone": emoji_rows,
    "low letters": low_rows,
    "paragraphs": paragraphs,
    "lists": numbered,
    "long": lambda at: painted(at, at.rows(" ".join(at.words(20) for _ in range(4)))),
    "tight leading": lambda at: painted(at, at.rows(at.words(20), at.rng.uniform(1.05, 1.17))),
    "loose leading": lambda at: painted(at, at.rows(at.words(20), at.rng.uniform(1.6, 1.9))),
    "shadows": shaded,
    "times inside": timed,
    "one letter": one_letter,
    "cut": cut,
}


def draw_hard(category: str, number: int, seed: int) -> HardBubble:
    """Bubble `number` of a category; the same arguments give the same bubble."""
    rng = random.Random(f"hard/{category}/{seed}/{number}")
    return CATEGORIES[category](setting(rng))
