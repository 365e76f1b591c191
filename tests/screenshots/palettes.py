"""The colours of each messenger's light and dark theme, as read off real screens."""

from contracts.base import Record
from processors.ocr.training.drawing import Colour


class Palette(Record, frozen=True):
    """Colours of one theme. `ink` is the text on `own` and `other`."""

    background: Colour
    own: Colour
    own_ink: Colour
    other: Colour
    other_ink: Colour
    stamp: Colour
    name: Colour
    link: Colour
    count: Colour
    bar: Colour
    bar_ink: Colour
    input: Colour
    field: Colour
    pill: Colour
    pill_opacity: float
    pill_ink: Colour


BLACK: Colour = (25, 25, 25)
WHITE: Colour = (255, 255, 255)

KAKAO_LIGHT = Palette(
    background=(171, 193, 209),
    own=(254, 229, 0),
    own_ink=BLACK,
    other=WHITE,
    other_ink=BLACK,
    stamp=(86, 103, 118),
    name=(72, 84, 96),
    link=(45, 102, 178),
    count=(255, 235, 51),
    bar=(171, 193, 209),
    bar_ink=(30, 34, 38),
    input=WHITE,
    field=(244, 245, 247),
    pill=(0, 0, 0),
    pill_opacity=0.13,
    pill_ink=WHITE,
)
KAKAO_DARK = Palette(
    background=(28, 28, 30),
    own=(254, 229, 0),
    own_ink=BLACK,
    other=(48, 48, 51),
    other_ink=(235, 235, 235),
    stamp=(140, 140, 144),
    name=(170, 170, 174),
    link=(110, 170, 240),
    count=(240, 220, 60),
    bar=(28, 28, 30),
    bar_ink=(235, 235, 235),
    input=(36, 36, 38),
    field=(50, 50, 53),
    pill=(255, 255, 255),
    pill_opacity=0.1,
    pill_ink=(200, 200, 204),
)
IMESSAGE_LIGHT = Palette(
    background=WHITE,
    own=(11, 132, 255),
    own_ink=WHITE,
    other=(233, 233, 235),
    other_ink=(0, 0, 0),
    stamp=(138, 138, 142),
    name=(138, 138, 142),
    link=(11, 132, 255),
    count=(138, 138, 142),
    bar=(247, 247, 248),
    bar_ink=(0, 0, 0),
    input=WHITE,
    field=WHITE,
    pill=WHITE,
    pill_opacity=0,
    pill_ink=(138, 138, 142),
)
IMESSAGE_DARK = Palette(
    background=(0, 0, 0),
    own=(10, 132, 255),
    own_ink=WHITE,
    other=(38, 38, 41),
    other_ink=WHITE,
    stamp=(142, 142, 147),
    name=(142, 142, 147),
    link=(64, 156, 255),
    count=(142, 142, 147),
    bar=(22, 22, 23),
    bar_ink=WHITE,
    input=(0, 0, 0),
    field=(18, 18, 19),
    pill=(0, 0, 0),
    pill_opacity=0,
    pill_ink=(142, 142, 147),
)
WHATSAPP_LIGHT = Palette(
    background=(239, 234, 226),
    own=(217, 253, 211),
    own_ink=(17, 27, 33),
    other=WHITE,
    other_ink=(17, 27, 33),
    stamp=(102, 119, 129),
    name=(6, 130, 100),
    link=(2, 126, 181),
    count=(83, 189, 235),
    bar=(247, 245, 243),
    bar_ink=(17, 27, 33),
    input=(240, 242, 245),
    field=WHITE,
    pill=WHITE,
    pill_opacity=0.95,
    pill_ink=(84, 101, 111),
)
WHATSAPP_DARK = Palette(
    background=(11, 20, 26),
    own=(0, 92, 75),
    own_ink=(233, 237, 239),
    other=(32, 44, 51),
    other_ink=(233, 237, 239),
    stamp=(149, 165, 173),
    name=(83, 189, 160),
    link=(83, 189, 235),
    count=(83, 189, 235),
    bar=(31, 44, 52),
    bar_ink=(233, 237, 239),
    input=(31, 44, 52),
    field=(42, 57, 66),
    pill=(24, 34, 41),
    pill_opacity=0.95,
    pill_ink=(134, 150, 160),
)
TELEGRAM_LIGHT = Palette(
    background=(160, 196, 144),
    own=(239, 255, 222),
    own_ink=(0, 0, 0),
    other=WHITE,
    other_ink=(0, 0, 0),
    stamp=(121, 150, 115),
    name=(40, 130, 200),
    link=(22, 118, 205),
    count=(79, 174, 78),
    bar=(250, 250, 250),
    bar_ink=(0, 0, 0),
    input=(250, 250, 250),
    field=WHITE,
    pill=(60, 100, 60),
    pill_opacity=0.35,
    pill_ink=WHITE,
)
TELEGRAM_DARK = Palette(
    background=(14, 22, 33),
    own=(43, 82, 120),
    own_ink=WHITE,
    other=(24, 37, 51),
    other_ink=WHITE,
    stamp=(125, 150, 172),
    name=(110, 180, 235),
    link=(110, 185, 240),
    count=(110, 190, 240),
    bar=(23, 33, 43),
    bar_ink=WHITE,
    input=(23, 33, 43),
    field=(36, 47, 61),
    pill=(30, 44, 58),
    pill_opacity=0.75,
    pill_ink=(220, 230, 240),
)
LINE_LIGHT = Palette(
    background=(140, 171, 216),
    own=(133, 226, 73),
    own_ink=(17, 17, 17),
    other=WHITE,
    other_ink=(17, 17, 17),
    stamp=(72, 90, 118),
    name=(50, 62, 82),
    link=(20, 90, 190),
    count=(72, 90, 118),
    bar=(236, 240, 246),
    bar_ink=(17, 17, 17),
    input=WHITE,
    field=(243, 243, 245),
    pill=(0, 0, 0),
    pill_opacity=0.16,
    pill_ink=WHITE,
)
LINE_DARK = Palette(
    background=(17, 17, 17),
    own=(76, 199, 100),
    own_ink=(10, 20, 10),
    other=(43, 43, 46),
    other_ink=(240, 240, 240),
    stamp=(128, 128, 132),
    name=(160, 160, 164),
    link=(120, 180, 250),
    count=(128, 128, 132),
    bar=(28, 28, 30),
    bar_ink=(240, 240, 240),
    input=(28, 28, 30),
    field=(44, 44, 46),
    pill=(255, 255, 255),
    pill_opacity=0.12,
    pill_ink=(200, 200, 204),
)
