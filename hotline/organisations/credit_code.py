"""The unified social credit code of GB 32100: 17 characters and a check character. Pure."""

ALPHABET = "0123456789ABCDEFGHJKLMNPQRTUWXY"  # no I, O, S, V, Z: they are misread
WEIGHTS = tuple(pow(3, place, 31) for place in range(17))
BODY_ALPHABET = "0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZ"
BODY_WEIGHTS = (3, 7, 9, 10, 5, 8, 4, 2)


def check_character(first17: str) -> str:
    total = sum(ALPHABET.index(c) * weight for c, weight in zip(first17, WEIGHTS, strict=True))
    return ALPHABET[-total % 31]


def body_check_character(first8: str) -> str:
    """Of the nine-character organisation code inside (GB 11714); ten is written X."""
    total = sum(BODY_ALPHABET.index(c) * weight for c, weight in zip(first8, BODY_WEIGHTS, strict=True))
    return "0123456789X"[-total % 11]


def make(division: str, body: str) -> str:
    """For a company (91) in a six-digit division with an eight-character organisation code."""
    first17 = f"91{division}{body}{body_check_character(body)}"
    return first17 + check_character(first17)


def is_valid(code: str) -> bool:
    """Eighteen characters of which the last proves the others."""
    return len(code) == 18 and set(code) <= set(ALPHABET) and check_character(code[:17]) == code[17]
