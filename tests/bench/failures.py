"""A picture of lines that our recogniser reads wrongly, for the model card.

    python -m tests.bench.failures --out failures.png [--npm FOLDER …] [--count 24]

Sentences of the screenshot generator in typefaces that were never trained on; beside each crop what it says and what
was read. Drawn at several times its size, since most failures are small.
"""

import argparse
from collections.abc import Iterator, Sequence
from pathlib import Path

from PIL import Image
from rich.progress import track

from processors.ocr.engines.tokstream import TokstreamRecogniser
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.drawing import Canvas
from processors.ocr.training.faces import find_faces
from processors.ocr.training.fonts import typeface
from processors.ocr.training.lettering import TextStyle
from processors.ocr.training.rendering import LineRenderer
from processors.ocr.training.screens import Pixels
from tests.screenshots.conversations import converse

SEED = 78
ROW, SIDE, CROP_WIDTH, WIDTH = 44, 10, 420, 1060
ROUNDS = 400


def failures(npm: Sequence[Path], count: int) -> Iterator[tuple[Pixels, str, str]]:
    """Crop, truth and reading of the first `count` lines that are read wrongly; emoji apart."""
    alphabet = Alphabet(charset())
    renderer = LineRenderer(find_faces(npm, held_out=True), SEED)
    recogniser = TokstreamRecogniser()
    found = 0
    for seed in track(range(ROUNDS), "reading", transient=True):
        texts = (utterance.text for utterance in converse(SEED * 1000 + seed, 20).utterances)
        cleaned = [alphabet.cleaned(text)[:22].strip() for text in texts]
        plain = [text for text in cleaned if text and max(map(ord, text)) < 0x10000 and "\ufe0f" not in text]
        crops = [(renderer.crop(text, renderer.look()), text) for text in plain]
        drawn = [(crop, text) for crop, text in crops if crop is not None]
        for (crop, text), answer in zip(drawn, recogniser.recognise([crop for crop, _ in drawn]), strict=True):
            if "".join(answer.text.split()) != "".join(text.split()):
                yield crop, text, answer.text
                found += 1
                if found == count:
                    return


def sheet(rows: Sequence[tuple[Pixels, str, str]]) -> Image.Image:
    """One row a failure: the crop, the truth, the reading."""
    canvas = Canvas(Image.new("RGB", (WIDTH, ROW * len(rows) + SIDE), (255, 255, 255)))
    style = TextStyle(typeface("Noto Sans CJK KR"), 16)
    for number, (crop, truth, read) in enumerate(rows):
        top = number * ROW + SIDE // 2
        picture = Image.fromarray(crop[:, :, ::-1].copy())
        scale = min((ROW - 6) / picture.height, CROP_WIDTH / picture.width)
        size = (max(1, round(picture.width * scale)), max(1, round(picture.height * scale)))
        canvas.image.paste(picture.resize(size, Image.Resampling.NEAREST), (SIDE, top + (ROW - size[1]) // 2))
        canvas.text(CROP_WIDTH + 3 * SIDE, top + 27, truth, style, (20, 110, 50))
        canvas.text(CROP_WIDTH + 3 * SIDE + 310, top + 27, read, style, (180, 30, 30))
    return canvas.image


def main() -> None:
    parser = argparse.ArgumentParser(prog="python -m tests.bench.failures", description=__doc__)
    parser.add_argument("--out", type=Path, required=True)
    parser.add_argument("--npm", type=Path, action="append", default=[], help="folder of npm typefaces")
    parser.add_argument("--count", type=int, default=24)
    options = parser.parse_args()
    sheet(list(failures(options.npm, options.count))).save(options.out)


if __name__ == "__main__":
    main()
