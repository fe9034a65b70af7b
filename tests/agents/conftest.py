from tests.support.asterisk import asterisk

__all__ = ["asterisk"]
