"""Makes the README's picture of a reading: `python -m tests.e2e.annotated OUT.png`.

Two sample screenshots as `tokstream analyze --annotate` draws them, side by side.
"""

import subprocess
import sys
import tempfile
from pathlib import Path

from PIL import Image

from tests.e2e.production import TOKSTREAM
from tests.e2e.service import png, sample_shots

HEIGHT = 1000
GAP = 24


def main() -> None:
    with tempfile.TemporaryDirectory() as folder:
        images = []
        for number, shot in enumerate(sample_shots()[:2], 1):
            path = Path(folder) / f"{number}.png"
            path.write_bytes(png(shot))
            images.append(str(path))
        drawn = Path(folder) / "drawn"
        subprocess.run([TOKSTREAM, "analyze", "--annotate", str(drawn), *images], check=True, stdout=subprocess.DEVNULL)
        pages = [Image.open(path).convert("RGB") for path in sorted(drawn.iterdir())]
    pages = [page.resize((page.width * HEIGHT // page.height, HEIGHT), Image.Resampling.LANCZOS) for page in pages]
    picture = Image.new("RGB", (sum(page.width for page in pages) + GAP, HEIGHT), "white")
    left = 0
    for page in pages:
        picture.paste(page, (left, 0))
        left += page.width + GAP
    picture.quantize(128).save(sys.argv[1], optimize=True)


if __name__ == "__main__":
    main()
