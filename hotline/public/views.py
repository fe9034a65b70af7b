"""Citizens' pages: send a matter in, follow it, answer the survey. No account, no JavaScript needed."""

from flask import Blueprint, flash, redirect, render_template, request, session, url_for
from flask_babel import gettext as _
from werkzeug.wrappers import Response

from hotline import clock
from hotline.attachments import service as attachments
from hotline.attachments.models import Party
from hotline.callers.service import caller_for
from hotline.catalogue.understanding.classifier import Suggestions
from hotline.catalogue.understanding.emergencies import Alarm
from hotline.config import settings
from hotline.db import transaction
from hotline.errors import InvalidInput, TransitionRefused
from hotline.learning import decisions, shown
from hotline.learning.filing import filed_under
from hotline.learning.models import Source
from hotline.learning.queries import classifier_for
from hotline.legal import service as legal
from hotline.organisations.queries import areas
from hotline.phone_numbers import normalise_or_none
from hotline.places import queries as places
from hotline.places.queries import Found
from hotline.public import attachment_views, queries, service
from hotline.public.attachment_views import OPENED
from hotline.public.forms import ASKED, LookUpForm, MatterForm, SupplementForm, SurveyForm
from hotline.surveys import service as surveys
from hotline.surveys.grades import Satisfaction
from hotline.tickets import grievances, quotes, supplements
from hotline.tickets import service as tickets
from hotline.tickets.models import Ticket
from hotline.tickets.queries import by_number, locked
from hotline.web.access import open_to_all
from hotline.web.grievance_form import GrievanceForm
from hotline.web.quote_form import QuoteForm
from hotline.web.uploads import takes_files, too_many

blueprint = Blueprint("public", __name__, url_prefix="/p", template_folder="templates")
HOTLINES = ("12345", "12348")  # ?hotline= of the form; the first unless asked for another
WORTH_ASKING = 0.3  # a place less likely is not worth a citizen's second click
blueprint.register_blueprint(attachment_views.blueprint)


@blueprint.get("")
@open_to_all
def start() -> str:
    """?number=… is a ticket that was open in this browser before."""
    form = LookUpForm(number=request.args.get("number", ""))
    return render_template("public/start.html", form=form)


@blueprint.get("/new")
@open_to_all
def new() -> str:
    form = MatterForm()
    _offer_areas(form)
    return _matter_page(form)


@blueprint.post("/new")
@open_to_all
@takes_files
def submit() -> Response | tuple[str, int]:
    form = MatterForm()
    _offer_areas(form)
    if not form.validate():
        return _matter_page(form), 400
    hotline = _hotline()
    with transaction() as database:
        classifier = classifier_for(database, hotline)
    suggested = classifier.suggest(form.text.data)
    found = suggested.alarm
    if found and form.told.data != found.rule:
        form.told.data = found.rule
        return _matter_page(form, found), 400
    if form.asked.data == "" and (near := _places(form)):
        form.ask_where(near)
        return _matter_page(form), 400
    try:
        ticket = _open(form, hotline, suggested, classifier.model_id)
    except InvalidInput as error:
        form[error.field if error.field in form else "text"].errors = [error.message]
        return _matter_page(form), 400
    _remember(ticket)
    form.files.tell_lost()
    flash(_("已受理。请记下工单编号和查询码，以便查询办理结果。"), "ok")
    return redirect(url_for("public.follow", number=ticket.number), 303)


@blueprint.post("/ticket")
@open_to_all
def look_up() -> Response | tuple[str, int]:
    form = LookUpForm()
    if not form.validate():
        return render_template("public/start.html", form=form), 400
    try:
        with transaction() as database:
            ticket = service.look_up(database, form.number.data, form.code.data, clock.now())
    except service.TooManyTries:
        form.code.errors = [_("查询码错了太多次。请一小时后再试，或拨打 12345 查询。")]
        return render_template("public/start.html", form=form), 429
    if ticket is None:
        form.code.errors = [_("编号与查询码不符，请核对短信。")]
        return render_template("public/start.html", form=form), 404
    _remember(ticket)
    return redirect(url_for("public.follow", number=ticket.number), 303)


@blueprint.get("/ticket/<number>")
@open_to_all
def follow(number: str) -> Response | str:
    if number not in session.get(OPENED, ()):
        flash(_("请填写短信里的查询码。"), "ok")
        return redirect(url_for("public.start", number=number), 303)
    return _ticket_page(number, SupplementForm(formdata=None))


@blueprint.post("/ticket/<number>/supplement")
@open_to_all
@takes_files
def supplement(number: str) -> Response | tuple[str, int]:
    """What the citizen was asked for (C04)."""
    if number not in session.get(OPENED, ()):
        return redirect(url_for("public.start", number=number), 303)
    form = SupplementForm()
    if not form.validate():
        return _ticket_page(number, form), 400
    form.files.tell_lost()
    try:
        with transaction() as database:
            ticket = locked(database, number)
            actor = f"caller:{ticket.caller_id}"
            giver = attachments.Giver(Party.CITIZEN, actor)
            attachments.attach(database, ticket, form.files.data, giver, now=clock.now())
            supplements.give(
                database, ticket, answer=form.answer.data, how="web", actor=actor, now=clock.now()
            )
    except attachments.TicketFull:
        form.files.errors.append(too_many())
        return _ticket_page(number, form), 400
    except TransitionRefused:
        flash(_("这件诉求现在不需要补充，或已经收到补充。"), "error")
    else:
        flash(_("已收到您的补充，继续办理。"), "ok")
    return redirect(url_for("public.follow", number=number), 303)


@blueprint.post("/ticket/<number>/quote")
@open_to_all
def quote(number: str) -> Response:
    """Whether the firm's price is agreed to (E09)."""
    if number not in session.get(OPENED, ()):
        return redirect(url_for("public.start", number=number), 303)
    form = QuoteForm()
    page = redirect(url_for("public.follow", number=number), 303)
    if not form.validate():
        flash(_("请选择是否接受。"), "error")
        return page
    try:
        with transaction() as database:
            ticket = locked(database, number)
            quotes.answer(
                database,
                ticket,
                quotes.Verdict(form.verdict.data),
                how="web",
                words=_("不接受企业报价"),
                actor=f"caller:{ticket.caller_id}",
                now=clock.now(),
            )
    except TransitionRefused:
        flash(_("现在没有等待答复的报价，或已经答复。"), "error")
    else:
        flash(_("已收到您对报价的答复。"), "ok")
    return page


@blueprint.post("/ticket/<number>/grievance")
@open_to_all
def contest(number: str) -> Response:
    """Price or quality of a paid job is contested (E09)."""
    if number not in session.get(OPENED, ()):
        return redirect(url_for("public.start", number=number), 303)
    form = GrievanceForm()
    page = redirect(url_for("public.follow", number=number), 303)
    if not form.validate():
        flash(_("请选择对什么有异议，并写明情况。"), "error")
        return page
    try:
        with transaction() as database:
            ticket = locked(database, number)
            actor, now = f"caller:{ticket.caller_id}", clock.now()
            about, text = form.about.data, form.text.data
            grievances.raise_(database, ticket, about=about, text=text, actor=actor, now=now)
    except TransitionRefused:
        flash(_("这件工单现在不能提出异议：要在付费服务答复之后，而且只能提一次。"), "error")
    else:
        flash(_("已收到您的异议，企业答复后由热线裁决。"), "ok")
    return page


def _ticket_page(number: str, form: SupplementForm) -> str:
    with transaction() as database:
        ticket = by_number(database, number)
        return render_template(
            "public/ticket.html",
            ticket=ticket,
            item=ticket.item,
            stages=queries.stages(database, ticket),
            shelf=attachment_views.shelf_of(database, ticket),
            asked=supplements.asked_now(database, ticket),
            quote=quotes.asked_now(database, ticket),
            quotes=quotes.of_ticket(database, ticket.id),
            quote_form=QuoteForm(formdata=None),
            grievances=grievances.of_ticket(database, ticket.id),
            may_contest=grievances.may_raise(database, ticket),
            grievance_form=GrievanceForm(formdata=None),
            form=form,
        )


@blueprint.post("/ticket/<number>/rate")
@open_to_all
def rate_by_code(number: str) -> Response:
    """Whoever followed the ticket with its code may rate the answer, anonymous citizens too (S01)."""
    if number not in session.get(OPENED, ()):
        return redirect(url_for("public.start", number=number), 303)
    with transaction() as database:
        asked = surveys.open_for_rating(database, by_number(database, number), clock.now())
    if asked is None:
        flash(_("答复发布后才能评价。"), "error")
        return redirect(url_for("public.follow", number=number), 303)
    return redirect(url_for("public.survey", token=asked.token), 303)


@blueprint.get("/s/<token>")
@open_to_all
def survey(token: str) -> str:
    with transaction() as database:
        asked = surveys.by_token(database, token)
        contestable = grievances.may_raise(database, asked.ticket)
        return render_template(
            "public/survey.html",
            survey=asked,
            ticket=asked.ticket,
            form=SurveyForm(),
            contestable=contestable,
        )


@blueprint.post("/s/<token>")
@open_to_all
def rate(token: str) -> Response | tuple[str, int]:
    form = SurveyForm()
    with transaction() as database:
        asked = surveys.by_token(database, token)
        if not form.validate():
            return render_template("public/survey.html", survey=asked, ticket=asked.ticket, form=form), 400
        surveys.answer(
            database,
            asked.id,
            solved=form.solved.data == "yes",
            satisfaction=Satisfaction(form.satisfaction.data),
            mode="link",
            now=clock.now(),
        )
    return redirect(url_for("public.survey", token=token), 303)


def _matter_page(form: MatterForm, found: Alarm | None = None) -> str:
    hotline = _hotline()
    left = legal.takes_messages(hotline, clock.now())
    return render_template("public/new.html", form=form, hotline=hotline, for_a_lawyer=left, found=found)


def _hotline() -> str:
    asked = request.args.get("hotline", "")
    return asked if asked in HOTLINES else HOTLINES[0]


def _offer_areas(form: MatterForm) -> None:
    with transaction() as database:
        form.offer([(area.id, area.name) for area in areas(database, "county")])
    if form.asked.data == ASKED and (found := _places(form)):
        form.ask_where(found)


def _places(form: MatterForm) -> list[Found]:
    """Where the matter seems to be, closer than the citizen has said."""
    said = form.area_id.data or None
    with transaction() as database:
        found = places.resolve(database, f"{form.place.data or ''}，{form.text.data or ''}", said)
    closer = (one for one in found if not said or said in [area.id for area in one.chain[:-1]])
    return [one for one in closer if one.confidence >= WORTH_ASKING]


def _open(form: MatterForm, hotline: str, suggested: Suggestions, model_id: int | None) -> Ticket:
    """The item is a suggestion like any other; a dispatcher reviews it (B02). Out of the hours of 12348 a
    lawyer answers (Z26). Raises InvalidInput.
    """
    now = clock.now()
    number = normalise_or_none(form.number.data, settings().site.region)
    with transaction() as database:
        filed = filed_under(database, hotline, form.text.data, suggested)
        if filed is None:
            told = _("看不出是什么事。请写得再具体一些，或拨打 %(hotline)s 由话务员登记。", hotline=hotline)
            raise InvalidInput("text", told)
        hotline, item_code = filed
        caller = caller_for(database, number, now) if number else None
        matter = tickets.NewTicket(
            hotline=hotline,
            channel="web",
            kind=form.kind.data,
            item_code=item_code,
            text=form.text.data,
            area_id=form.area(),
            place=form.place.data or "",
            caller_id=caller.id if caller else None,
            share_contact=form.share_contact.data,
            confidential=form.confidential.data,
        )
        actor = f"caller:{caller.id}" if caller else "caller:anonymous"
        ticket = tickets.open_ticket(database, matter, actor=actor, now=now)
        giver = attachments.Giver(Party.CITIZEN, actor)
        attachments.attach(database, ticket, form.files.data, giver, now=now)
        decisions.remember(
            database,
            ticket,
            Source.WEB,
            shown=shown.of(suggested, model_id=model_id),
            actor=actor,
            now=now,
        )
        if legal.takes_messages(hotline, now):
            legal.ask(database, ticket, now=now)
        return ticket


def _remember(ticket: Ticket) -> None:
    others = [number for number in session.get(OPENED, ()) if number != ticket.number]
    session[OPENED] = [*others[-9:], ticket.number]
