"""The dialogues, by name. A flow imports no telephone system, no database and no clock."""

from ivr.flow import Flow
from ivr.flows import after_queue, public_line, survey

FLOWS: dict[str, Flow] = {
    "public_line": public_line.FLOW,
    "after_queue": after_queue.FLOW,
    "survey": survey.FLOW,
}
