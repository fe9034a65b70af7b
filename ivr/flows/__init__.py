"""The dialogues, by name. A flow imports no telephone system, no database and no clock."""

from ivr.flow import Flow
from ivr.flows import after_queue, off_hours, public_line, survey

FLOWS: dict[str, Flow] = {
    "public_line": public_line.FLOW,
    "off_hours": off_hours.FLOW,
    "after_queue": after_queue.FLOW,
    "survey": survey.FLOW,
}
