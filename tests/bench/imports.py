"""How long a large export takes, from the upload to the merged messages: `python -m tests.bench.imports`.

The real service, embedded; the export has as many messages as one import may have, and five screenshots show a part of
it. `process` includes reading whatever screenshot is not read yet, merging and the built-in analysis.
"""

import argparse
import asyncio
import random
import tempfile
import time
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

import httpx

from processors.imports.parse import MOST_MESSAGES
from tests.e2e.service import Service, png, sample_shots
from tests.processors.imports.dialects import Line, kakao_android
from tests.screenshots.samples import FRIEND, conversation

ME = "나"
# fmt: off
WORDS = (
    "오늘", "뭐해", "점심", "먹었어", "회의", "끝나고", "연락할게", "ㅋㅋㅋㅋ", "네", "응", "아니",
    "그래", "좋아", "내일", "보자", "주말에", "시간", "돼", "영화", "볼래", "진짜", "대박",
    "어디야", "집이야", "지금", "가는", "중", "조금", "늦을", "것", "같아", "미안", "괜찮아",
    "보냈어", "확인했어", "고마워", "수고했어", "잘자",
)
# fmt: on
WAIT = 120.0


def chat(messages: int, seed: int = 5) -> list[Line]:
    """So many messages, the ones of the screenshots in the middle of them."""
    rng = random.Random(seed)
    shown = [Line(ME if one.speaker == "user" else FRIEND, one.text, one.minute) for one in conversation().utterances]
    around = messages - len(shown)
    earlier = _small_talk(rng, shown[0].moment, around // 2, -1)
    return [*reversed(earlier), *shown, *_small_talk(rng, shown[-1].moment, around - around // 2, 1)]


def _small_talk(rng: random.Random, moment: datetime, count: int, direction: int) -> list[Line]:
    lines = []
    for _ in range(count):
        moment += direction * timedelta(minutes=rng.choice((0, 1, 2, 30)))
        lines.append(Line(rng.choice((ME, FRIEND)), " ".join(rng.choices(WORDS, k=rng.randint(1, 9))), moment))
    return lines


async def measure(service: Service, messages: int) -> None:
    shots = [png(shot) for shot in sample_shots()]
    text = kakao_android(FRIEND, chat(messages)).encode()
    async with httpx.AsyncClient(base_url=service.url, timeout=WAIT) as http:
        session_id = (await http.post("/sessions")).raise_for_status().json()["session_id"]
        base = f"/sessions/{session_id}"

        async def timed(what: str, method: str, path: str, **request: Any) -> Any:
            started = time.perf_counter()
            answer = (await http.request(method, f"{base}{path}", **request)).raise_for_status()
            print(f"{what:32} {time.perf_counter() - started:7.2f} s  {len(answer.content) / 1e6:8.2f} MB", flush=True)
            return answer.json()

        wait = {"Prefer": f"wait={WAIT:.0f}"}
        print(f"{messages} messages, {len(text) / 1e6:.2f} MB, and {len(shots) + 2} screenshots")
        await timed("import", "POST", "/import", files={"file": ("a.txt", text)}, headers=wait)
        for data in [*shots, *shots[:2]]:
            (await http.post(f"{base}/upload", files={"file": ("a.png", data)})).raise_for_status()
        form = {"relationship": "FRIEND", "relationship_info": "친구"}
        result = await timed("process (read, merge, analyse)", "POST", "/process", data=form, headers=wait)
        await timed("process again (merge, analyse)", "POST", "/process", data=form, headers=wait)
        await timed("messages", "GET", "/messages")
        await timed("search", "POST", "/search", files={"file": ("a.png", shots[1])}, headers=wait)
    info = result["merge_info"]
    print(f"{result['total_messages']} messages merged; screenshots that added nothing: {len(info['duplicates'])}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--messages", type=int, default=MOST_MESSAGES)
    arguments = parser.parse_args()
    with tempfile.TemporaryDirectory() as folder:
        service = Service(Path(folder))
        service.start()
        try:
            asyncio.run(measure(service, arguments.messages))
        finally:
            service.stop()


if __name__ == "__main__":
    main()
