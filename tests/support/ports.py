"""Moved: hotline/telephony/asterisk/free_ports.py."""

from hotline.telephony.asterisk.free_ports import *  # noqa: F403
