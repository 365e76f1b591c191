"""What a chat export shares with screenshots and with other exports: told by the texts alone, since it has no picture.

An export is complete: a screenshot of a stretch that it covers shows nothing that it lacks, whatever was misread there.
Two exports say the same to the letter, so their messages are compared as they are.
"""

from collections.abc import Sequence

import msgspec
from rapidfuzz.distance import LCSseq

from contracts.resources import Bubble
from processors.merge.alignment import CONFIDENT, LEAST_EVIDENCE, Pairs
from processors.merge.links import FEWEST_BY_TEXT, NEIGHBOUR_PRIOR, STRANGER_PRIOR, Link, reversed_link
from processors.merge.shots import Shot
from processors.merge.tall import align_tall
from processors.merge.texts import PICTURES, Reading, evidence_between, normalised
from processors.merge.times import clock_face, exported_minute

SURE_OF_IT = 2.0
"""Strength that a link to an export that shows all of a screenshot has beyond its messages: more than one to another
screenshot that shows the same."""


def export_links(shots: Sequence[Shot], items: Sequence[Sequence[Reading]]) -> list[Link]:
    """Links between exports, and between exports and screenshots; `items` are the readings of all shots."""
    links = []
    for export, shot in enumerate(shots):
        if not shot.extraction.exported:
            continue
        for other in range(len(shots)):
            if not shots[other].extraction.exported:
                link = _with_screenshot(export, other, shots, items)
            elif export < other:
                link = _with_export(export, other, shots)
            else:
                continue
            if link is not None:
                links.append(link)
    return links


def _with_screenshot(
    export: int, screenshot: int, shots: Sequence[Shot], items: Sequence[Sequence[Reading]]
) -> Link | None:
    evidence = evidence_between(items[export], items[screenshot])
    if evidence.size == 0 or float(evidence.max(axis=0).clip(0.0).sum()) <= LEAST_EVIDENCE:
        return None
    overlap = align_tall(evidence, items[screenshot])
    left, right = shots[export].extraction.bubbles, shots[screenshot].extraction.bubbles
    if sum(evidence[i, j] > 0 and not _contradict(left[i], right[j]) for i, j in overlap.pairs) < FEWEST_BY_TEXT:
        return None
    confidence = overlap.confidence(NEIGHBOUR_PRIOR if abs(export - screenshot) == 1 else STRANGER_PRIOR)
    if confidence < CONFIDENT:
        return None
    return _link(export, screenshot, overlap.pairs, (len(left), len(right)), confidence)


def _contradict(exported: Bubble, shown: Bubble) -> bool:
    if exported.speaker != shown.speaker and not shown.uncertain:
        return True
    faces = clock_face(exported.sent_at), clock_face(shown.sent_at)
    return None not in faces and faces[0] != faces[1]


def _with_export(one: int, two: int, shots: Sequence[Shot]) -> Link | None:
    left, right = shots[one].extraction.bubbles, shots[two].extraction.bubbles
    keys = [[_key(bubble) for bubble in bubbles] for bubbles in (left, right)]
    common = set(keys[0]) & set(keys[1])
    places = [[place for place, key in enumerate(side) if key in common] for side in keys]
    numbers: dict[object, int] = {}
    numbered = [
        [numbers.setdefault(side[place], len(numbers)) for place in kept]
        for side, kept in zip(keys, places, strict=True)
    ]
    pairs: Pairs = tuple(
        (places[0][block.src_start + step], places[1][block.dest_start + step])
        for block in LCSseq.opcodes(*numbered)
        if block.tag == "equal"
        for step in range(block.src_end - block.src_start)
    )
    if len(pairs) < min(FEWEST_BY_TEXT, len(left), len(right)) or not pairs:
        return None
    return _link(one, two, pairs, (len(left), len(right)), 1.0)


def _key(bubble: Bubble) -> tuple[str, str, str, str]:
    text = "" if bubble.kind in PICTURES else normalised(bubble.text)
    return exported_minute(bubble), bubble.speaker, bubble.kind, text


def _link(one: int, two: int, pairs: Pairs, lengths: tuple[int, int], confidence: float) -> Link:
    """The link that pairs mean: which of both begins earlier and which ends later."""
    (first_left, first_right), (last_left, last_right) = pairs[0], pairs[-1]
    before = first_right - first_left
    after = (lengths[1] - 1 - last_right) - (lengths[0] - 1 - last_left)
    link = Link(one, two, len(pairs), pairs, "text", confidence)
    if before <= 0 and after <= 0:
        return msgspec.structs.replace(link, contains=True, strength=len(pairs) + SURE_OF_IT)
    if before >= 0 and after >= 0:
        return msgspec.structs.replace(reversed_link(link), contains=True, strength=len(pairs) + SURE_OF_IT)
    return link if after >= 0 else reversed_link(link)
