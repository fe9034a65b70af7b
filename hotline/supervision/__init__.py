"""Supervision (督办): cards, the ladder, counts against units and persons, targets, the watchdog."""
