"""The plot: one call, two matters; a department and a firm; ratings, a call-back, the figures."""

from datetime import timedelta
from functools import partial

from sqlalchemy import select

from dispatch.models import WorkOrder
from hotline import clock
from hotline.callbacks.models import CallBack
from hotline.calls.models import Call, Recording
from hotline.db import transaction
from hotline.event_log import Event
from hotline.organisations.queries import areas, eligible_firms
from hotline.phone_numbers import mask
from hotline.reports import queries
from hotline.staff.models import Staff
from hotline.surveys.models import Survey
from hotline.tickets.models import Ticket
from hotline.wiring.story.people import Browser
from hotline.wiring.story.phones import Phones
from hotline.wiring.story.stage import Stage
from hotline.wiring.story.telling import StepFailed, Telling, must, wait_for
from sms.models import SmsMessage

CITIZEN = "+8613900000001"
ITEM, ITEM_KIND = "0902", "complaint"
POTHOLE = "中山路和解放路路口有个大坑,电动车差点摔了"
FIRM_ITEM, FIRM_KIND, FIRM_CLASS = "1802", "service", "管道疏通企业"
PLUMBING = "厨房下水道堵了,想找人来疏通"
EXTENSION = "1001"


class Plot:
    """Acts in order; each leaves what the next needs."""

    def __init__(self, stage: Stage, phones: Phones, telling: Telling) -> None:
        self.stage, self.phones, self.telling = stage, phones, telling
        self.agent = Browser(stage.web)
        self.dispatcher = Browser(stage.web)
        self.call_id = 0

    def play(self) -> None:
        self.agent_is_available()
        self.citizen_is_understood_and_answered()
        department, firm = self.agent_files_two_tickets()
        self.call_ends_and_is_wrapped_up()
        self.citizen_gets_the_numbers(department, firm)
        self.department_answers(department)
        self.citizen_rates_by_text(department)
        self.firms_are_offered_the_job(firm)
        self.survey_call_asks_about(firm)
        self.somebody_gives_up_waiting()
        self.manager_reads_the_figures()

    def agent_is_available(self) -> None:
        self.phones.agent_is_at_the_desk(EXTENSION)
        self.agent.sign_in(EXTENSION)
        self.agent.send("/agent", "/agent/available", {})
        self.telling.step("An agent signs in and is available", extension=EXTENSION)

    def citizen_is_understood_and_answered(self) -> None:
        self.phones.call(CITIZEN, "12345", keys=f"{ITEM}#")
        self.phones.agent_answers(EXTENSION)
        call = wait_for("the agent and the citizen talk", lambda: _call_in("answered"))
        must(call.item_code == ITEM, f"the keys were understood as {ITEM}")
        page = wait_for("the screen pop shows the masked number", self._screen_pop)
        must(CITIZEN.removeprefix("+86") not in page, "and not the whole one")
        self.call_id = call.id
        self.telling.step(
            "A citizen dials 12345, is understood by keys and answered",
            call=call.id,
            system_id=call.system_id,
            item=call.item_code,
            waited_seconds=_seconds(call),
        )

    def _screen_pop(self) -> str | None:
        page = self.agent.read("/agent")
        return page if mask(CITIZEN) in page else None

    def agent_files_two_tickets(self) -> tuple[Ticket, Ticket]:
        department = self._file(ITEM, ITEM_KIND, POTHOLE, share_contact=False)
        firm = self._file(FIRM_ITEM, FIRM_KIND, PLUMBING, share_contact=True)
        must(firm.share_contact, "the consent to pass the contact on is recorded")
        self.telling.step("Two tickets from one call", numbers=[department.number, firm.number])
        return department, firm

    def _file(self, item: str, kind: str, text: str, *, share_contact: bool) -> Ticket:
        fields = {
            "call_id": str(self.call_id),
            "hotline": "12345",
            "kind": kind,
            "text": text,
            "item_code": item,
            "area_id": str(_a_county()),
            "place": "中山路",
            "contact_wish": "sms",
        }
        self.agent.send(
            "/agent", "/agent/tickets", fields | ({"share_contact": "y"} if share_contact else {})
        )
        return wait_for(f"the ticket about {item}", lambda: _ticket(self.call_id, text))

    def call_ends_and_is_wrapped_up(self) -> None:
        self.phones.hang_up(CITIZEN)
        call = wait_for("the call ends", lambda: _call_in("ended", self.call_id))
        must(call.end_reason == "answered", "it ended as an answered call")
        wait_for("wrap-up begins", lambda: "/agent/wrap-up" in self.agent.read("/agent"))
        self.agent.send("/agent", "/agent/wrap-up", {"disposition": "ticket", "then": "available"})
        wrapped = wait_for("wrap-up is done", lambda: _wrapped_up(self.call_id))
        recording = self._recording()
        self.telling.step(
            "The call ends and is wrapped up", disposition=wrapped.disposition, recording=recording
        )

    def _recording(self) -> str:
        path = wait_for("the recording is on disk", lambda: _recording(self.call_id))
        file = self.stage.settings.telephony.recordings_dir / path
        must(file.stat().st_size > 1000, f"{path} holds sound")
        return f"{path} ({file.stat().st_size} bytes)"

    def citizen_gets_the_numbers(self, *tickets: Ticket) -> None:
        for ticket in tickets:
            text = wait_for(
                f"a text about {ticket.number}", partial(self._delivered, ticket, "ticket_accepted")
            )
            must(ticket.number in text and ticket.query_code in text, "it names the ticket and its code")
            self.telling.step("The citizen gets the number by SMS", text=text)

    def _delivered(self, ticket: Ticket, template: str) -> str | None:
        """The text once the carrier's receipt is here; it must stand in the simulated inbox too."""
        with transaction() as session:
            wanted = select(SmsMessage).where(
                SmsMessage.ticket_id == ticket.id, SmsMessage.template == template
            )
            message = session.scalars(wanted.order_by(SmsMessage.id.desc())).first()
        if message is None or message.state != "delivered":
            return None
        must(ticket.number in Browser(self.stage.simulators).read(f"/inbox/{CITIZEN}"), "the inbox shows it")
        return str(message.text)

    def department_answers(self, ticket: Ticket) -> None:
        self.dispatcher.sign_in("dispatcher")
        self._dispatch(ticket)
        order = wait_for("the department has it", lambda: _order(ticket.id, "sent"))
        self._answer(order, "路面坑洞已于今日填补,现场已清理。")
        self._release(ticket)
        self.telling.step(
            "A department accepts, answers, and the answer is released",
            organisation=_user_of(order.organisation_id),
            principle=order.principle,
        )

    def firms_are_offered_the_job(self, ticket: Ticket) -> None:
        self._dispatch(ticket)
        first = wait_for("a firm is offered the job", lambda: _order(ticket.id, "offered"))
        page, path = self._desk_of(first), f"/work/{first.id}"
        must(
            CITIZEN.removeprefix("+86") not in page.read(path), "a firm that has not accepted sees no number"
        )
        page.send(path, f"{path}/decline", {"decline_reason": "今天没有人手"})
        second = wait_for(
            "the next firm is offered it", lambda: _order(ticket.id, "offered", but_not=first.id)
        )
        must(second.organisation_id != first.organisation_id, "it is another firm")
        self._takes_over(second, price_estimate="80 元")
        agreed = f"/agent/tickets/{ticket.number}"
        self.dispatcher.send(agreed, f"{agreed}/quote", {"verdict": "agreed"})
        self._begin_and_answer(second, "已上门疏通,费用 80 元,市民现场确认。")
        self._release(ticket)
        self.telling.step(
            "One firm declines, the next tells its price, the citizen agrees and the job is done",
            declined=_user_of(first.organisation_id),
            accepted=_user_of(second.organisation_id),
        )

    def _dispatch(self, ticket: Ticket) -> None:
        page = f"/dispatch/tickets/{ticket.id}"
        self.dispatcher.send(page, f"{page}/dispatch", {})

    def _release(self, ticket: Ticket) -> None:
        page = f"/dispatch/tickets/{ticket.id}"
        self.dispatcher.send(page, f"{page}/release", {})

    def _desk_of(self, order: WorkOrder) -> Browser:
        return Browser(self.stage.web).sign_in(_user_of(order.organisation_id))

    def _answer(self, order: WorkOrder, reply: str) -> None:
        self._takes_over(order)
        self._begin_and_answer(order, reply)

    def _takes_over(self, order: WorkOrder, **accepting: str) -> None:
        page, path = self._desk_of(order), f"/work/{order.id}"
        page.send(path, f"{path}/accept", {"responsible_person": "王工", **accepting})

    def _begin_and_answer(self, order: WorkOrder, reply: str) -> None:
        page, path = self._desk_of(order), f"/work/{order.id}"
        page.send(path, f"{path}/begin", {"contact_note": "已与市民约好时间"})
        page.send(path, f"{path}/answer", {"public_reply": reply, "internal_note": "已核实"})

    def citizen_rates_by_text(self, ticket: Ticket) -> None:
        text = wait_for("the result notice", lambda: self._delivered(ticket, "result_notice"))
        inbox = Browser(self.stage.simulators)
        inbox.send(f"/inbox/{CITIZEN}", f"/inbox/{CITIZEN}/reply", {"text": "多谢你们"})
        wait_for("the reply nobody can read is noted", lambda: _fact(ticket.id, "survey_reply_unreadable"))
        inbox.send(f"/inbox/{CITIZEN}", f"/inbox/{CITIZEN}/reply", {"text": "12"})
        survey = wait_for("the rating", lambda: _survey(ticket.id, "answered"))
        must(survey.solved and survey.satisfaction == "satisfied", "12 means solved and satisfied")
        self.telling.step("The citizen gets the result and rates by text", text=text, mode=survey.mode)

    def survey_call_asks_about(self, ticket: Ticket) -> None:
        """No answer to the text: the IVR rings. Unsolved: a person rings back, and it opens again."""
        self.phones.answers_survey(CITIZEN, keys=("2", "4"))
        survey = wait_for("the rating by keys", lambda: _survey(ticket.id, "answered"), 90)
        must(survey.mode == "ivr" and survey.solved is False, "the keys said unsolved")
        task = wait_for("a call-back for a person", lambda: _callback("dissatisfied"))
        page = f"/dispatch/tickets/{ticket.id}"
        self.dispatcher.send(page, f"{page}/reopen", {"reopen_reason": "市民反映仍未解决"})
        again = wait_for("the ticket is open again", lambda: _in_state(ticket.id, "reopened"))
        self.telling.step(
            "The survey call is answered by keys; unsolved: a call-back, and the ticket opens again",
            satisfaction=survey.satisfaction,
            callback=task.id,
            state=again.state,
        )

    def somebody_gives_up_waiting(self) -> None:
        self.agent.send("/agent", "/agent/pause", {"reason": "break"})
        caller = "+8613900000002"
        self.phones.call(caller, "12348", keys="0")
        queued = wait_for("the second caller waits", lambda: _call_in("queued"))
        self.phones.hang_up(caller)
        ended = wait_for("they hang up", lambda: _call_in("ended", queued.id))
        must(ended.end_reason == "abandoned_queue", "it counts as abandoned")
        task = wait_for("a call-back task (Z09)", lambda: _callback("abandoned"))
        self.telling.step(
            "A caller nobody answers in time gets a call-back", hotline=ended.hotline, callback=task.id
        )

    def manager_reads_the_figures(self) -> None:
        today = clock.to_local(clock.now(), self.stage.settings.site.time_zone).date()
        period = queries.Period(today - timedelta(days=1), today, self.stage.settings.site.zone)
        with transaction() as session:
            results = queries.report(session, period, clock.now())
        figures = {result.figure.name: (result.numerator, result.denominator) for result in results}
        expected = {
            "calls_received": (2, 2),
            "calls_answered": (1, 2),
            "calls_abandoned": (1, 2),
            "connection_rate": (1, 2),
            "solved_rate": (1, 2),
            "satisfied_rate": (1, 2),
        }
        for name, parts in expected.items():
            must(figures[name] == parts, f"{name} is {parts[0]} of {parts[1]}, not {figures[name]}")
        page = Browser(self.stage.web).sign_in("manager").read("/manage")
        must("calls_received" in page, "the manager's page shows the figures")
        self.telling.step("The manager's page shows the figures", **figures)


def _call_in(state: str, call_id: int | None = None) -> Call | None:
    with transaction() as session:
        wanted = select(Call).where(Call.state == state, Call.direction == "inbound").order_by(Call.id.desc())
        return session.scalars(wanted.where(Call.id == call_id) if call_id else wanted).first()


def _wrapped_up(call_id: int) -> Call | None:
    with transaction() as session:
        return session.scalars(
            select(Call).where(Call.id == call_id, Call.wrapped_up_at.is_not(None))
        ).first()


def _seconds(call: Call) -> float | None:
    if call.answered_at is None or call.queued_at is None:
        return None
    return round((call.answered_at - call.queued_at).total_seconds(), 2)


def _recording(call_id: int) -> str | None:
    with transaction() as session:
        return session.scalar(select(Recording.path).where(Recording.call_id == call_id))


def _ticket(call_id: int, text: str) -> Ticket | None:
    with transaction() as session:
        return session.scalar(select(Ticket).where(Ticket.call_id == call_id, Ticket.text == text))


def _in_state(ticket_id: int, state: str) -> Ticket | None:
    with transaction() as session:
        return session.scalar(select(Ticket).where(Ticket.id == ticket_id, Ticket.state == state))


def _order(ticket_id: int, state: str, but_not: int = 0) -> WorkOrder | None:
    with transaction() as session:
        wanted = select(WorkOrder).where(
            WorkOrder.ticket_id == ticket_id, WorkOrder.state == state, WorkOrder.id != but_not
        )
        return session.scalars(wanted.order_by(WorkOrder.id.desc())).first()


def _survey(ticket_id: int, state: str) -> Survey | None:
    with transaction() as session:
        return session.scalar(select(Survey).where(Survey.ticket_id == ticket_id, Survey.state == state))


def _fact(ticket_id: int, kind: str) -> Event | None:
    with transaction() as session:
        return session.scalars(select(Event).where(Event.ticket_id == ticket_id, Event.kind == kind)).first()


def _callback(reason: str) -> CallBack | None:
    with transaction() as session:
        return session.scalars(select(CallBack).where(CallBack.reason == reason)).first()


def _user_of(organisation_id: int) -> str:
    with transaction() as session:
        return session.scalars(select(Staff.username).where(Staff.organisation_id == organisation_id)).one()


def _a_county() -> int:
    """One in which at least two firms could do the job, so that one may decline."""
    with transaction() as session:
        for county in areas(session, "county"):
            if len(eligible_firms(session, FIRM_CLASS, county.id, clock.now())) > 1:
                return county.id
    raise StepFailed(f"no county has two firms of the class {FIRM_CLASS}")
