from tests.support.asterisk import asterisk, sipp

__all__ = ["asterisk", "sipp"]
