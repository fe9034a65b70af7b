"""Chinese first, English second: which one a page speaks."""

from pathlib import Path

from flask import Flask, g, request
from flask_babel import Babel

LANGUAGES = ("zh", "en")
TRANSLATIONS = Path(__file__).parent / "translations"


def install(app: Flask) -> None:
    """Called once an application; makes `_()` work in its templates."""
    app.config["BABEL_DEFAULT_LOCALE"] = "zh"
    app.config["BABEL_TRANSLATION_DIRECTORIES"] = str(TRANSLATIONS)
    Babel(app, locale_selector=language)


def language() -> str:
    """What the person chose, else what the browser asks for, else Chinese."""
    chosen = request.cookies.get("language") or getattr(g.get("staff"), "language", None)
    return chosen if chosen in LANGUAGES else request.accept_languages.best_match(LANGUAGES, "zh")
