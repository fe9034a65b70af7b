"""Facts, and who cares. The one table; a fact nobody reacts to is listed as silent (tests/conventions)."""

from collections.abc import Callable

from sqlalchemy.orm import Session

from agents import handlers as agents
from dispatch import handlers as dispatch
from dispatch.partners import handlers as partners
from hotline.event_log import Event
from hotline.learning import handlers as learning
from hotline.legal import handlers as legal
from hotline.supervision import handlers as supervision
from hotline.surveys import handlers as surveys
from ivr import handlers as ivr
from sms import handlers as sms

Handler = Callable[[Session, Event], None]

SUBSCRIPTIONS: dict[str, tuple[Handler, ...]] = {
    "call_queued": (agents.on_call_queued,),
    "call_transferred": (agents.on_call_queued,),
    "agent_rung": (agents.on_agent_rung,),
    "agent_missed_ring": (agents.on_agent_missed_ring,),
    "call_answered": (agents.on_call_answered,),
    "call_ended": (agents.on_call_ended,),
    "catalogue_published": (learning.on_catalogue_published,),
    "call_understood": (learning.on_call_understood,),
    "agent_state_changed": (agents.on_agent_state_changed, agents.follow_in_queues),
    "telephony_link_changed": (agents.on_telephony_link_changed,),
    "staff_signed_out": (agents.on_staff_signed_out,),
    "ticket_opened": (dispatch.on_ticket_opened, sms.on_ticket_opened),
    "supplement_asked": (sms.on_supplement_asked,),
    "territory_decided": (dispatch.on_territory_decided,),
    "answer_released": (surveys.on_answer_released, legal.on_answer_released, dispatch.on_answer_released),
    "ticket_closed": (dispatch.on_ticket_ended,),
    "ticket_merged": (dispatch.on_ticket_ended,),
    "ticket_turned_away": (sms.on_ticket_turned_away, dispatch.on_ticket_turned_away),
    "ticket_withdrawn": (dispatch.on_ticket_withdrawn, legal.on_ticket_withdrawn),
    "ticket_reconsidered": (dispatch.on_ticket_opened_again,),
    "ticket_reopened": (dispatch.on_ticket_opened_again, dispatch.on_sponsored_opened_again),
    "call_back_ended": (surveys.on_call_back_ended,),
    "sms_delivered": (sms.on_sms_delivered,),
    "organisation_suspended": (dispatch.on_organisation_suspended,),
    "survey_invited": (sms.on_survey_invited,),
    "survey_reply_unreadable": (sms.on_survey_reply_unreadable,),
    "survey_answered": (
        sms.on_survey_answered,
        supervision.on_survey_answered,
        dispatch.on_survey_answered,
    ),
    "light_turned": (supervision.on_light_turned,),
    "clock_extended": (supervision.on_clock_corrected,),
    "clock_limit_changed": (supervision.on_clock_corrected,),
    "survey_call_due": (ivr.on_survey_call_due,),
    "work_order_offered": (sms.on_work_order_given, partners.on_work_order),
    "work_order_sent": (sms.on_work_order_given, partners.on_work_order),
    "work_order_accepted": (partners.on_work_order,),
    "work_begun": (partners.on_work_order,),
    "work_order_declined": (partners.on_work_order,),
    "work_order_returned": (partners.on_work_order,),
    "work_order_answered": (partners.on_work_order,),
    "work_order_answer_rejected": (partners.on_work_order,),
    "sms_received": (sms.on_sms_received,),
    "sms_failed": (sms.on_sms_failed,),
}

# On record for reports, trails and live pages; no part has to act on them.
SILENT: frozenset[str] = frozenset(
    {
        "firm_changed",
        "firm_reviewed",
        "offer_postponed",
        "light_counted",
        "mark_taken_back",
        "matter_ended",
        "matter_grew",
        "matter_opened",
        "paper_answered",
        "paper_issued",
        "paper_unanswered",
        "rating_counted",
        "referral_signed",
        "targets_loaded",
        "attachment_added",
        "partner_key_made",
        "partner_key_revoked",
        "web_hook_given_up",
        "web_hook_resent",
        "web_hook_set",
        "attachments_opened",
        "classifier_rebuild_failed",
        "classifier_rebuilt",
        "classifier_refused",
        "classifier_rolled_back",
        "classifier_unchanged",
        "golden_sentence_added",
        "golden_sentence_retired",
        "long_term_listed",
        "long_term_review_due",
        "part_moved",
        "sponsor_named",
        "ticket_raised",
        "dispute_decided",
        "supplement_ended",
        "dispute_opened",
        "extension_asked",
        "extension_decided",
        "hold_cleared",
        "hold_placed",
        "ticket_read",
        "call_back_requested",
        "call_blocked",
        "call_entered_ivr",
        "call_received",
        "call_recorded",
        "call_transfer_failed",
        "call_wrapped_up",
        "catalogue_draft_discarded",
        "catalogue_draft_opened",
        "catalogue_item_edited",
        "case_stuck",
        "case_decided",
        "catalogue_loaded",
        "catalogue_scheduled",
        "catalogue_taken_back",
        "clock_paused",
        "clock_resumed",
        "clock_started",
        "clock_stopped",
        "contact_consent_given",
        "contact_revealed",
        "emergency_heard",
        "item_changed",
        "item_suggested",
        "ivr_step_taken",
        "lawyer_asked",
        "lawyer_task_moved",
        "no_firm_found",
        "offered_items_published",
        "organisations_made",
        "places_loaded",
        "areas_loaded",
        "recording_played",
        "sign_in_refused",
        "sms_queued",
        "sms_sent",
        "staff_signed_in",
        "survey_expired",
        "ticket_look_up_refused",
        "review_taken",
        "ticket_mended",
        "ticket_referred",
        "ticket_split",
        "unit_complained_of",
        "automatic_dispatch_decided",
        "ticket_state_changed",
        "trail_broken",
        "trail_verified",
    }
)


def handler_name(handler: Handler) -> str:
    """Stable in event_delivery: 'sms.handlers.on_ticket_opened'."""
    return f"{handler.__module__}.{handler.__name__}"
