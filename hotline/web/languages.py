"""Chinese first, English second: which one a page speaks, and where its words come from.

The Chinese stands in the code. The English is translations/en/LC_MESSAGES/messages.po, read as it is
when a process first needs it: nothing to compile, so a fresh checkout speaks both languages.
"""

from functools import cache
from io import BytesIO
from pathlib import Path

from babel.messages.mofile import write_mo
from babel.messages.pofile import read_po
from babel.support import NullTranslations, Translations
from flask import Flask, g, request
from flask_babel import Babel, Domain, get_locale

LANGUAGES = ("zh", "en")
TRANSLATIONS = Path(__file__).parent / "translations"


class PoFiles(Domain):
    """Flask-Babel's source of texts, without its .mo files."""

    def get_translations(self) -> NullTranslations:
        locale = get_locale()
        return texts(locale.language if locale else "zh")


class Languages(Babel):
    domain_instance = PoFiles()


@cache
def texts(language: str) -> NullTranslations:
    """All texts of a language; a text it lacks, and all of Chinese, stays as it is written in the code."""
    path = TRANSLATIONS / language / "LC_MESSAGES" / "messages.po"
    if not path.exists():
        return NullTranslations()
    with path.open("rb") as source:
        compiled = BytesIO()
        write_mo(compiled, read_po(source, locale=language))
    compiled.seek(0)
    return Translations(compiled)


def install(app: Flask) -> None:
    """Called once an application; makes `_()` work in its templates."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["WTF_I18N_ENABLED"] = (
        False  # it would read its file anew at each request; hotline/web/forms.py
    )
    Languages(app, locale_selector=language)


def language() -> str:
    """What the person chose, else what the browser asks for, else Chinese."""
    chosen = request.cookies.get("language") or getattr(g.get("staff"), "language", None)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "zh")
