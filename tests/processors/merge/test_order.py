"""Links between pairs of screenshots become the order of all of them."""

import pytest

from processors.merge.links import Link, composed, reversed_link
from processors.merge.order import Arrangement, arrange, shown_times
from processors.merge.times import minute_of_day
from tests.processors.merge.chats import bubble


def link(left: int, right: int, strength: float = 2.0, *, contains: bool = False, proven: bool = True) -> Link:
    return Link(left, right, strength, ((0, 0),), "text", 0.95, contains=contains, proven=proven)


def order(count: int, *links: Link, times: list[tuple[int, int] | None] | None = None) -> Arrangement:
    return arrange(count, links, times or [None] * count)


def test_without_links_the_order_of_upload_stays() -> None:
    assert order(3).chains == ((0,), (1,), (2,))


def test_links_make_a_chain() -> None:
    assert order(4, link(2, 0), link(0, 3), link(3, 1)).chains == ((2, 0, 3, 1),)


def test_the_strongest_link_goes_to_the_nearest_neighbour() -> None:
    assert order(3, link(0, 1, 5), link(1, 2, 5), link(0, 2, 2)).chains == ((0, 1, 2),)


def test_links_never_close_a_circle() -> None:
    assert order(3, link(0, 1, 5), link(1, 2, 4), link(2, 0, 3)).chains == ((0, 1, 2),)


def test_a_contained_screenshot_is_a_guest_of_its_host() -> None:
    found = order(3, link(0, 1, 6, contains=True), link(0, 2))
    assert found.chains == ((0, 2),)
    assert found.guests[1].left == 0


def test_of_two_equal_screenshots_the_first_upload_stays() -> None:
    found = order(2, link(0, 1, 6, contains=True), link(1, 0, 6, contains=True))
    assert found.chains == ((0,),)
    assert set(found.guests) == {1}


def test_a_host_inherits_the_links_of_its_guest() -> None:
    inner = Link(0, 1, 3, ((1, 0), (2, 1)), "text", 1.0, contains=True)
    onward = Link(1, 2, 2, ((1, 0),), "text", 0.9)
    found = arrange(3, [inner, onward], [None] * 3)
    assert found.chains == ((0, 2),)
    assert found.successors[0].pairs == ((2, 0),)


def test_an_inherited_link_may_lead_backwards() -> None:
    inner = Link(1, 0, 3, ((1, 0), (2, 1)), "text", 1.0, contains=True)
    before = Link(2, 0, 2, ((4, 0),), "text", 0.9)
    found = arrange(3, [inner, before], [None] * 3)
    assert found.chains == ((2, 1),)
    assert found.successors[2].pairs == ((4, 1),)


def test_a_weak_link_joins_loose_ends_only() -> None:
    strong = [link(0, 1), link(1, 2)]
    assert order(4, *strong, link(2, 3, proven=False)).chains == ((0, 1, 2, 3),)
    assert order(4, *strong, link(1, 3, proven=False)).chains == ((0, 1, 2), (3,))
    assert order(2, link(0, 1, proven=False)).chains == ((0,), (1,))


def test_a_weak_link_with_a_rival_joins_nothing() -> None:
    found = order(5, link(0, 1), link(1, 2), link(2, 3, proven=False), link(2, 4, proven=False))
    assert found.chains == ((0, 1, 2), (3,), (4,))


def test_uploads_in_reverse_are_turned_round() -> None:
    assert order(4, link(1, 0), link(3, 2)).chains == ((3, 2), (1, 0))


def test_shuffled_uploads_are_ordered_by_the_clock_where_it_is_shown() -> None:
    links = (link(0, 1), link(3, 2))
    times: list[tuple[int, int] | None] = [(600, 610), (610, 620), (560, 570), (550, 560)]
    assert order(4, *links, times=times).chains == ((3, 2), (0, 1))
    assert order(4, *links, times=[None, *times[1:]]).chains == ((3, 2), (0, 1))
    assert order(4, *links).chains == ((0, 1), (3, 2))


def test_the_clock_may_run_past_midnight() -> None:
    links = (link(0, 1), link(3, 2))
    times: list[tuple[int, int] | None] = [(10, 20), (20, 30), (1435, 5), (1420, 1430)]
    assert order(4, *links, times=times).chains == ((3, 2), (0, 1))


@pytest.mark.parametrize(
    ("shown", "minutes"),
    [
        ("오후 3:05", 15 * 60 + 5),
        ("오전 12:10", 10),
        ("오후 12:10", 12 * 60 + 10),
        ("午後 4:07", 16 * 60 + 7),
        ("15:05", 15 * 60 + 5),
        ("3:05 PM", 15 * 60 + 5),
        ("12:00 am", 0),
        ("9:41", 9 * 60 + 41),
        ("오후 3시 20", 15 * 60 + 20),
        ("어제", None),
        ("", None),
        (None, None),
        ("25:10", None),
        ("10:75", None),
    ],
)
def test_times_are_read_as_messengers_write_them(shown: str | None, minutes: int | None) -> None:
    assert minute_of_day(shown) == minutes


def test_the_times_of_a_screenshot_are_its_first_and_last() -> None:
    bubbles = [bubble("네", 0), bubble("응", 1, sent_at="오후 1:00"), bubble("왜", 2, sent_at="오후 1:10")]
    assert shown_times(bubbles) == (780, 790)
    assert shown_times(bubbles[:1]) is None


def test_a_link_told_from_the_other_side_leads_back() -> None:
    there = Link(0, 1, 2, ((3, 0), (4, 1)), "image", 0.9, shift=600.0, scale=1.5)
    back = reversed_link(there)
    assert (back.left, back.right, back.pairs) == (1, 0, ((0, 3), (1, 4)))
    assert back.shift == pytest.approx(-400.0)
    assert reversed_link(back).shift == pytest.approx(600.0)


def test_links_compose_where_they_meet() -> None:
    first = Link(0, 1, 2, ((3, 0), (4, 1)), "image", 0.9, shift=600.0, scale=1.5)
    second = Link(1, 2, 1, ((1, 0),), "image", 0.8, shift=100.0, scale=1.0)
    both = composed(first, second)
    assert both is not None
    assert both.pairs == ((4, 0),)
    assert both.shift == pytest.approx(750.0)
    assert both.confidence == pytest.approx(0.72)
    assert composed(first, Link(1, 2, 1, ((5, 0),), "text", 0.8)) is None
    assert composed(first, reversed_link(first)) is None
