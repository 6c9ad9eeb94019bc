"""What the dashboard knows of a run, without a screen."""

from __future__ import annotations

from tests.scripted import HOST, make_round
from udstui.plan import Plan
from udstui.results.segment import Segment
from udstui.stats.caveats import Caveat
from udstui.tui.session import MOST_SEEN, RECENT_ROUNDS, Session


class Doubtful(Segment):
    def __init__(self, codes: list[str]) -> None:
        super().__init__(Plan())
        self._codes = codes

    def caveats(self) -> list[Caveat]:
        return [Caveat(code, "message", "remedy") for code in self._codes]


def test_a_caveat_is_new_once_and_after_a_segment_without_it() -> None:
    session = Session(Plan(), HOST)
    found = []
    for codes in (["busy"], ["busy", "steal"], [], ["busy"]):
        segment = Doubtful(codes)
        for _ in range(3):
            found.append([caveat.code for caveat in session.new_caveats(segment)])
    assert found == [["busy"], [], [], ["steal"], [], [], [], [], [], ["busy"], [], []]


def test_a_remedy_names_its_key_where_the_key_does_something() -> None:
    for is_recorded, remedy in ((False, "remedy; r starts anew"), (True, "remedy")):
        session = Session(Plan(), HOST, is_recorded=is_recorded)
        session.race.segment = Doubtful(["drift"])
        assert [caveat.remedy for caveat in session.caveats()] == [remedy]


def test_restarts_are_those_of_the_log() -> None:
    session = Session(Plan(), HOST)
    session.add(make_round(Plan()))
    session.note("restart", "the probe was started again")
    session.note("pause", "paused")
    assert session.restarts_s == [round(session.elapsed_s, 3)]
    session.start_over()
    assert session.run.segments == [] and len(session.run.log) == 2


def test_the_recent_rounds_are_those_of_this_segment() -> None:
    session = Session(Plan(), HOST)
    for number in range(RECENT_ROUNDS + 5):
        session.add(make_round(Plan(), number))
    assert len(session.recent) == RECENT_ROUNDS
    session.begin(Plan(size_bytes=64))
    assert session.recent == []
    session.add(make_round(session.plan, 300))
    assert len(session.recent) == 1
    assert [segment.rounds for segment in session.run.segments] == [RECENT_ROUNDS + 5, 1]


def test_a_segment_that_goes_on_has_its_past_again() -> None:
    session = Session(Plan(), HOST)
    for number in range(12):
        session.add(make_round(Plan(), number))
        session.judge(session.segment.verdicts()[0])
    recent, judged = list(session.recent), list(session.judged)
    session.race.next()  # a round is under way
    session.editor.change(size_bytes=64)
    session.new_segment()
    late = make_round(Plan(), 12)
    session.remember(session.race.add(late), late)
    assert session.recent == session.judged == []
    session.add(make_round(session.plan, 13))
    assert session.take_back()
    assert session.recent[:-1] == recent and len(session.recent) == 13, "with the one that was under way"
    assert session.judged == judged and len(judged) > 1


def test_an_answer_is_remembered_once_however_often_it_is_asked_for() -> None:
    session = Session(Plan(), HOST)
    for number in range(3):
        session.add(make_round(Plan(), number))
        for _ in range(2):
            session.judge(session.segment.verdicts()[0])
    assert [verdict.rounds for _, verdict in session.judged] == [1, 2, 3]


def test_the_past_of_a_few_segments_is_kept() -> None:
    session = Session(Plan(), HOST)
    session.add(make_round(Plan()))
    for _ in range(MOST_SEEN):
        session.new_segment()
    for _ in range(MOST_SEEN):
        session.take_back()
    assert session.segment.rounds == 1 and session.recent == []
