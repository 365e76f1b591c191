"""Topics of the event log: their names, partitions and what their records mean.

Records of one key are in order. Commands go to `tokstream.commands.<capability>`, what failed for a while to its
`.retry`
topic, what cannot be handled to its `.dead` topic. `tokstream.events` is the live copy of the journal, keyed by stream.
"""

from contracts.base import Record


class TopicSpec(Record, frozen=True):
    name: str
    partitions: int


EVENTS = "tokstream.events"
COMMANDS_OCR = "tokstream.commands.ocr"
COMMANDS_MERGE = "tokstream.commands.merge"
COMMANDS_IMPORTS = "tokstream.commands.imports"
COMMANDS_ANALYSIS = "tokstream.commands.analysis"
COMMANDS_CONVERSATION = "tokstream.commands.conversation"
COMMAND_TOPICS = (COMMANDS_OCR, COMMANDS_IMPORTS, COMMANDS_MERGE, COMMANDS_ANALYSIS, COMMANDS_CONVERSATION)
PARTITIONS = 6


def retry_topic(topic: str) -> str:
    return f"{topic}.retry"


def dead_letter_topic(topic: str) -> str:
    return f"{topic}.dead"


def all_topics() -> tuple[TopicSpec, ...]:
    """Every topic that a deployment needs."""
    names = [EVENTS]
    for topic in COMMAND_TOPICS:
        names += [topic, retry_topic(topic), dead_letter_topic(topic)]
    return tuple(TopicSpec(name=name, partitions=PARTITIONS) for name in names)
