"""Chats written as the messengers write them: one conversation, every dialect."""

import csv
import io
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from datetime import datetime

from contracts.imports import ExportFormat

WEEKDAYS = "월화수목금토일"


@dataclass(frozen=True)
class Line:
    """What somebody said, or (without a sender) what the messenger says."""

    sender: str | None
    text: str
    moment: datetime


def half_past(moment: datetime) -> str:
    """오후 1:23"""
    return f"{'오전' if moment.hour < 12 else '오후'} {(moment.hour - 1) % 12 + 1}:{moment:%M}"


def am_pm(moment: datetime, space: str = " ") -> str:
    return f"{(moment.hour - 1) % 12 + 1}:{moment:%M}{space}{'AM' if moment.hour < 12 else 'PM'}"


def korean_day(moment: datetime) -> str:
    return f"{moment.year}년 {moment.month}월 {moment.day}일 {WEEKDAYS[moment.weekday()]}요일"


def kakao_android(other: str, lines: Sequence[Line]) -> str:
    written = [f"{other} 님과 카카오톡 대화", f"저장한 날짜 : 2030년 1월 1일 {half_past(datetime(2030, 1, 1))}", ""]
    day = None
    for line in lines:
        at = f"{line.moment.year}년 {line.moment.month}월 {line.moment.day}일 {half_past(line.moment)}"
        if line.moment.date() != day:
            day = line.moment.date()
            written += ["", at]
        written.append(f"{at}, {line.text}" if line.sender is None else f"{at}, {line.sender} : {line.text}")
    return "\n".join(written) + "\n"


def kakao_ios(other: str, lines: Sequence[Line]) -> str:
    written = [f"{other} 님과 카카오톡 대화", "저장한 날짜 : 2030. 1. 1. 오후 3:05", "", ""]
    day = None
    for line in lines:
        at = f"{line.moment.year}. {line.moment.month}. {line.moment.day}. {half_past(line.moment)}"
        if line.moment.date() != day:
            day = line.moment.date()
            written += ["", korean_day(line.moment)]
        written.append(f"{at}: {line.text}" if line.sender is None else f"{at}, {line.sender} : {line.text}")
    return "\n".join(written) + "\n"


def kakao_pc(other: str, lines: Sequence[Line]) -> str:
    written = [f"{other} 님과 카카오톡 대화", "저장한 날짜 : 2030-01-01 15:05:33", ""]
    day = None
    for line in lines:
        if line.moment.date() != day:
            day = line.moment.date()
            written.append(f"--------------- {korean_day(line.moment)} ---------------")
        said = f"[{line.sender}] [{half_past(line.moment)}] {line.text}"
        written.append(line.text if line.sender is None else said)
    return "\r\n".join(written).replace("\n", "\r\n").replace("\r\r\n", "\r\n") + "\r\n"


def kakao_csv(other: str, lines: Sequence[Line]) -> str:
    buffer = io.StringIO(newline="")
    buffer.write("Date,User,Message\n")
    for line in lines:
        row = io.StringIO(newline="")
        csv.writer(row, quoting=csv.QUOTE_ALL, lineterminator="\n").writerow((line.sender or "", line.text))
        buffer.write(f"{line.moment:%Y-%m-%d %H:%M:%S},{row.getvalue()}")
    return buffer.getvalue()


def whatsapp_android(date: str, twelve: bool = False) -> Callable[[str, Sequence[Line]], str]:
    """`date` as strftime takes it."""

    def write(other: str, lines: Sequence[Line]) -> str:
        written = []
        for line in lines:
            clock = am_pm(line.moment, "\u202f") if twelve else f"{line.moment:%H:%M}"
            said = line.text if line.sender is None else f"{line.sender}: {line.text}"
            written.append(f"{line.moment.strftime(date)}, {clock} - {said}")
        return "\n".join(written) + "\n"

    return write


def whatsapp_ios(date: str, clock: Callable[[datetime], str]) -> Callable[[str, Sequence[Line]], str]:
    def write(other: str, lines: Sequence[Line]) -> str:
        written = []
        for line in lines:
            sender, mark = (other, "\u200e") if line.sender is None else (line.sender, "")
            written.append(f"{mark}[{line.moment.strftime(date)}{clock(line.moment)}] {sender}: {mark}{line.text}")
        return "\r\n".join(written) + "\r\n"

    return write


def seconds_12(moment: datetime) -> str:
    return am_pm(moment).replace(" ", f":{moment:%S}\u202f")


def korean_seconds(moment: datetime) -> str:
    return f"{half_past(moment)}:{moment:%S}"


@dataclass(frozen=True)
class Dialect:
    name: str
    format: ExportFormat
    write: Callable[[str, Sequence[Line]], str]
    seconds: bool


DIALECTS = (
    Dialect("kakao-android", "kakaotalk-mobile", kakao_android, seconds=False),
    Dialect("kakao-ios", "kakaotalk-mobile", kakao_ios, seconds=False),
    Dialect("kakao-pc", "kakaotalk-pc", kakao_pc, seconds=False),
    Dialect("kakao-csv", "kakaotalk-csv", kakao_csv, seconds=True),
    Dialect("whatsapp-d/m/y", "whatsapp-android", whatsapp_android("%d/%m/%Y"), seconds=False),
    Dialect("whatsapp-m/d/y", "whatsapp-android", whatsapp_android("%m/%d/%y", twelve=True), seconds=False),
    Dialect("whatsapp-dotted", "whatsapp-android", whatsapp_android("%d.%m.%y"), seconds=False),
    Dialect("whatsapp-y-m-d", "whatsapp-android", whatsapp_android("%Y-%m-%d"), seconds=False),
    Dialect("whatsapp-ios-d/m/y", "whatsapp-ios", whatsapp_ios("%d/%m/%Y, ", lambda m: f"{m:%H:%M:%S}"), seconds=True),
    Dialect("whatsapp-ios-m/d/y", "whatsapp-ios", whatsapp_ios("%m/%d/%y, ", seconds_12), seconds=True),
    Dialect("whatsapp-ios-korean", "whatsapp-ios", whatsapp_ios("%Y. %m. %d. ", korean_seconds), seconds=True),
)
