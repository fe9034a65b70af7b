"""How text messages react to facts raised elsewhere. Every handler may run twice and does its work once."""

from datetime import datetime

from sqlalchemy.orm import Session

from hotline.callbacks import service as callbacks
from hotline.callbacks.models import CallBackReason
from hotline.config import settings
from hotline.event_log import Event
from hotline.organisations import duty, links
from hotline.organisations.models import Organisation
from hotline.phone_numbers import normalise_or_none
from hotline.surveys import service as surveys
from hotline.surveys.models import Survey
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.quotes import Verdict
from hotline.tickets.states import PUBLIC_STATE, TicketState
from sms import service, texts
from sms.models import SmsInbound, SmsMessage
from sms.texts import Template


def on_ticket_opened(session: Session, event: Event) -> None:
    """The number and the query code; nothing for anonymous citizens or those who wish no text."""
    ticket = tickets.get(session, event.ticket_id or 0)
    subject = f"accepted:ticket:{ticket.id}"
    _queue(
        session, Template.TICKET_ACCEPTED, subject, ticket=ticket, values=_ticket_values(ticket), now=event.at
    )


def on_survey_invited(session: Session, event: Event) -> None:
    """One text a closure: the result and the two questions together (I01)."""
    survey = surveys.get(session, event.data["survey_id"])
    if survey.caller is None:
        return
    values = _ticket_values(survey.ticket) | {
        "stage": texts.stage(PUBLIC_STATE[TicketState(survey.ticket.state)], survey.caller.language),
        "survey_link": _public(f"/s/{survey.token}"),
    }
    subject = f"result:ticket:{survey.ticket_id}:closure:{survey.closure}"
    _queue_about(session, Template.RESULT_NOTICE, subject, survey=survey, values=values, now=event.at)


def on_supplement_asked(session: Session, event: Event) -> None:
    """Where to answer; what is asked stands on the ticket's page, never in a text (Z40)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    subject = f"supplement:{event.data['supplement_id']}"
    values = _ticket_values(ticket)
    _queue(session, Template.SUPPLEMENT_ASKED, subject, ticket=ticket, values=values, now=event.at)


def on_quote_told(session: Session, event: Event) -> None:
    """Where to read the price and answer; who wishes to be rung is rung (E09)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    subject = f"quote:{event.data['quote_id']}"
    values = _ticket_values(ticket)
    _queue(session, Template.QUOTE_TOLD, subject, ticket=ticket, values=values, now=event.at)


def on_quote_answered(session: Session, event: Event) -> None:
    """The citizen did not take the price: the firm is told, and who was silent learns what that meant."""
    if event.data["verdict"] != Verdict.ANOTHER_FIRM:
        return
    ticket = tickets.get(session, event.ticket_id or 0)
    quote_id = event.data["quote_id"]
    _queue_worker(session, event, Template.WORK_ORDER_ENDED, f"quote:{quote_id}:ended", {})
    if event.data["how"] == "silence":
        subject, values = f"quote:{quote_id}:lapsed", _ticket_values(ticket)
        _queue(session, Template.QUOTE_LAPSED, subject, ticket=ticket, values=values, now=event.at)


def on_grievance_decided(session: Session, event: Event) -> None:
    """Where to read whether money comes back; who wishes to be rung is rung (E09)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    subject, values = f"grievance:{event.data['grievance_id']}:decided", _ticket_values(ticket)
    _queue(session, Template.GRIEVANCE_DECIDED, subject, ticket=ticket, values=values, now=event.at)


def on_ticket_turned_away(session: Session, event: Event) -> None:
    """Where to read why it is not handled here; nobody is asked to rate that."""
    ticket = tickets.get(session, event.ticket_id or 0)
    language = ticket.caller.language if ticket.caller else "zh"
    stage = texts.stage(PUBLIC_STATE[TicketState(event.data["outcome"])], language)
    subject = f"outcome:ticket:{ticket.id}:closure:{event.data['closure']}"
    values = _ticket_values(ticket) | {"stage": stage}
    _queue(session, Template.OUTCOME_NOTICE, subject, ticket=ticket, values=values, now=event.at)


def on_survey_reply_unreadable(session: Session, event: Event) -> None:
    """One polite repeat a survey."""
    if event.data["first"]:
        survey = surveys.get(session, event.data["survey_id"])
        subject = f"repeat:survey:{survey.id}"
        _queue_about(session, Template.SURVEY_REPEAT, subject, survey=survey, values={}, now=event.at)


def on_survey_answered(session: Session, event: Event) -> None:
    """Thanks by text to those who answered by text; the others were thanked where they answered."""
    if event.data["mode"] == "sms":
        survey = surveys.get(session, event.data["survey_id"])
        subject = f"thanks:survey:{survey.id}"
        _queue_about(session, Template.SURVEY_THANKS, subject, survey=survey, values={}, now=event.at)


def on_work_order_given(session: Session, event: Event) -> None:
    """The link to the order, to the organisation's telephone; number and link only (Z40). A confidential
    ticket is read by people with an account (Z35)."""
    _queue_link(session, event, f"link:work_order:{event.data['work_order_id']}")


def on_grievance_raised(session: Session, event: Event) -> None:
    """The same link opens again for the firm's answer (E09)."""
    _queue_link(session, event, f"link:grievance:{event.data['grievance_id']}")


def _queue_link(session: Session, event: Event, subject: str) -> None:
    if links.can_be_made():
        link = {"work_link": links.address(event.data["work_order_id"])}
        _queue_worker(session, event, Template.WORK_ORDER_LINK, subject, link)


def _queue_worker(
    session: Session, event: Event, template: Template, subject: str, values: dict[str, str]
) -> None:
    """To the organisation of the fact, where the site texts such organisations."""
    organisation = session.get_one(Organisation, event.data["organisation_id"])
    ticket = tickets.get(session, event.ticket_id or 0)
    number = normalise_or_none(organisation.phone or "", settings().site.region)
    if number is None or ticket.confidential or not _is_texted(organisation):
        return
    service.queue(
        session,
        template=template,
        subject=subject,
        to=number,
        caller_id=None,
        values={"number": ticket.number} | values,
        language="zh",
        ticket_id=ticket.id,
        now=event.at,
    )


def on_urgent_work_order(session: Session, event: Event) -> None:
    """Out of hours whoever is on duty is told that something urgent has come; the number only (Z40)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    if ticket.item.urgent and duty.out_of_hours(event.at):
        _text_duty(session, event, ticket, Template.DUTY_CALLED, f"work_order:{event.data['work_order_id']}")


def on_report_asked(session: Session, event: Event) -> None:
    """Whoever is on duty at a unit that has to come is told, at any hour; the number only (Z40)."""
    ticket = tickets.get(session, event.ticket_id or 0)
    _text_duty(session, event, ticket, Template.CALLED_OUT, f"summons:{event.data['summons_id']}")


def _text_duty(session: Session, event: Event, ticket: Ticket, template: Template, about: str) -> None:
    for shift in duty.on_duty(session, event.data["organisation_id"], event.at):
        service.queue(
            session,
            template=template,
            subject=f"duty:{about}:shift:{shift.id}",
            to=shift.phone,
            caller_id=None,
            values={"number": ticket.number},
            language="zh",
            ticket_id=ticket.id,
            now=event.at,
        )


def _is_texted(organisation: Organisation) -> bool:
    whom = settings().dispatch.link_texts
    return whom == "everybody" or (whom == "firms" and organisation.kind == "firm")


def on_sms_received(session: Session, event: Event) -> None:
    """A citizen we know wrote: an answer to a survey, or nothing we asked for (kept in sms_inbound)."""
    inbound = session.get_one(SmsInbound, event.data["sms_inbound_id"], with_for_update=True)
    if inbound.handled_at:
        return
    if inbound.caller_id:
        surveys.read_reply(session, caller_id=inbound.caller_id, text=inbound.text, now=event.at)
    service.mark_handled(inbound, event.at)


def on_sms_delivered(session: Session, event: Event) -> None:
    """The result has reached the citizen: the ticket closes (E01)."""
    message = session.get_one(SmsMessage, event.data["sms_id"])
    if message.template != Template.RESULT_NOTICE or message.survey_id is None:
        return
    survey = surveys.get(session, message.survey_id)
    ticket = tickets.get(session, survey.ticket_id, lock=True)
    tickets.told(session, ticket, survey.closure, "by_text", actor=service.ACTOR, now=event.at)


def on_sms_failed(session: Session, event: Event) -> None:
    """A result the citizen cannot have got by text is told by a person (I01)."""
    message = session.get_one(SmsMessage, event.data["sms_id"])
    results = (Template.RESULT_NOTICE, Template.OUTCOME_NOTICE)
    if message.template not in results or message.caller_id is None:
        return
    survey = surveys.get(session, message.survey_id) if message.survey_id else None
    callbacks.request(
        session,
        reason=CallBackReason.SMS_FAILED,
        caller_id=message.caller_id,
        ticket_id=message.ticket_id,
        closure=survey.closure if survey else 0,
        now=event.at,
    )


def _ticket_values(ticket: Ticket) -> dict[str, str]:
    return {"number": ticket.number, "query_code": ticket.query_code, "link": _public("")}


def _public(path: str) -> str:
    return f"{settings().site.public_url.rstrip('/')}/p{path}"


def _queue_about(
    session: Session,
    template: Template,
    subject: str,
    *,
    survey: Survey,
    values: dict[str, str],
    now: datetime,
) -> None:
    _queue(session, template, subject, ticket=survey.ticket, values=values, now=now, survey_id=survey.id)


def _queue(
    session: Session,
    template: Template,
    subject: str,
    *,
    ticket: Ticket,
    values: dict[str, str],
    now: datetime,
    survey_id: int | None = None,
) -> None:
    caller = ticket.caller
    if caller is None or ticket.contact_wish != "sms":
        return
    service.queue(
        session,
        template=template,
        subject=subject,
        to=caller.number,
        caller_id=caller.id,
        values=values,
        language=caller.language,
        ticket_id=ticket.id,
        survey_id=survey_id,
        now=now,
    )
