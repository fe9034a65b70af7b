"""Moved: hotline/telephony/asterisk/sipp.py (the story plays it too)."""

from hotline.telephony.asterisk.sipp import *  # noqa: F403
