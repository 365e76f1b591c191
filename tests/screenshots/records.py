"""Truth as JSON records in the shape that transcript scorers of this project read (`file`, `messages`, `ignored` …)."""

from tests.screenshots.truth import SequenceTruth, ShotTruth, TruthMessage

KINDS = {"card": "link-card"}
"""Names of kinds that the records have always used."""


def message_record(message: TruthMessage) -> dict[str, object]:
    record: dict[str, object] = {
        "id": message.id,
        "index": message.index,
        "text": message.text,
        "speaker": message.speaker,
        "sender": message.sender,
        "sender_shown": message.sender_shown,
        "time": message.time,
        "time_shown": message.time_shown,
        "kind": KINDS.get(message.kind, message.kind),
        "box": list(message.box),
        "partial": message.partial or message.obscured,
        "bubble": message.bubble,
    }
    if message.whole != message.text:
        record["alt_texts"] = [message.whole]
    if message.buttons:
        record["buttons"] = list(message.buttons)
    if message.image_text:
        record["image_text"] = message.image_text
    return record


def shot_record(file: str, truth: ShotTruth) -> dict[str, object]:
    """One line of truth.jsonl."""
    return {
        "file": file,
        "look": truth.look,
        "messenger": truth.messenger,
        "theme": truth.theme,
        "platform": truth.platform,
        "lang": "ko",
        "seed": truth.seed,
        "width": truth.width,
        "height": truth.height,
        "scale": truth.scale,
        "top": truth.top,
        "bottom": truth.bottom,
        "offset": truth.offset,
        "derived": False,
        "group": truth.group,
        "unsided": False,
        "no_user_messages": not any(message.speaker == "user" for message in truth.messages),
        "messages": [message_record(message) for message in truth.messages],
        "ignored": list(truth.ignored),
    }


def sequence_record(name: str, files: list[str], truth: SequenceTruth) -> dict[str, object]:
    """One line of sequences.jsonl; `files` in order of upload."""
    return {
        "id": name,
        "kind": "synthetic",
        "look": truth.look,
        "files": files,
        "order": list(truth.order),
        "duplicates": list(truth.duplicates),
        "merged": [
            {
                "text": message.text,
                "speaker": message.speaker,
                "kind": KINDS.get(message.kind, message.kind),
                "buttons": list(message.buttons) or None,
                "partial": message.partial,
                "index": message.index,
            }
            for message in truth.merged
        ],
        "joins": [
            {"left": join.left, "right": join.right, "shared": join.shared, "rows": join.rows, "gap": join.gap}
            for join in truth.joins
        ],
    }
