"""Chinese text as the syllables a recogniser cannot mix up, one for each character. Pure."""

from functools import lru_cache

from hotline.catalogue.understanding.terms import CHINESE, fuzzy, syllables

NO_SOUND = ""  # of what is no Chinese character: it sounds like nothing in a name


@lru_cache(maxsize=30_000)
def of_character(character: str) -> str:
    """'设' -> 'se': toneless, zh/z, ch/c, sh/s and -ng/-n taken as one."""
    return fuzzy(syllables(character)[0]) if "\u4e00" <= character <= "\u9fff" else NO_SOUND


def one_by_one(text: str) -> list[str]:
    """Each character as it sounds alone: 长 is 'zan' wherever it stands."""
    return [of_character(character) for character in text]


def together(text: str) -> list[str]:
    """Each character as it sounds in its word: 长途 is 'can tu'."""
    heard = [NO_SOUND] * len(text)
    for run in CHINESE.finditer(text):
        read = syllables(run.group())
        if len(read) == len(run.group()):  # characters nobody can read are left together
            heard[run.start() : run.end()] = map(fuzzy, read)
    return heard
