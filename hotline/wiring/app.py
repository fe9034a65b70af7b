"""Assembles the web application: every blueprint, access, languages, errors, health and metrics."""

import secrets
from importlib import import_module

from flask import Flask, Response
from flask_wtf import CSRFProtect
from sqlalchemy import text
from werkzeug.middleware.proxy_fix import ProxyFix

from hotline.config import settings
from hotline.db import transaction
from hotline.web import display, errors, languages, uploads
from hotline.web.access import ACCESS, open_to_all
from hotline.wiring import metrics

BLUEPRINTS = (
    "hotline.sign_in.views",
    "hotline.web.attachments",
    "hotline.public.views",
    "hotline.lawyers.views",
    "hotline.lawyers.rota_views",
    "hotline.supervisor.views",
    "hotline.supervisor.catalogue_views",
    "hotline.supervisor.learning_views",
    "hotline.supervisor.supervision_views",
    "hotline.supervisor.card_views",
    "hotline.supervisor.circular_views",
    "hotline.supervisor.firm_views",
    "hotline.supervisor.case_views",
    "hotline.supervisor.trail_views",
    "hotline.supervisor.history_views",
    "agents.console.views",
    "dispatch.console.views",
    "dispatch.partners.views",
    "dispatch.partners.api",
    "dispatch.patrol.views",
    "dispatch.patrol.api",
    "ivr.twilio.webhooks",
    "sms.webhooks",
)


def create_app() -> Flask:
    app = Flask("hotline.web", static_folder="static", template_folder="templates")
    app.config.update(
        SECRET_KEY=settings().site.secret_key or secrets.token_hex(32),
        SESSION_COOKIE_HTTPONLY=True,
        SESSION_COOKIE_SAMESITE="Lax",
        SESSION_COOKIE_SECURE=settings().site.public_url.startswith("https://"),
        SESSION_COOKIE_NAME=f"hotline_{settings().web.port}",
        MAX_CONTENT_LENGTH=2 * 1024 * 1024,
        WTF_CSRF_TIME_LIMIT=None,
    )
    proxies = settings().web.trusted_proxies
    if proxies:
        app.wsgi_app = ProxyFix(app.wsgi_app, x_for=proxies, x_proto=proxies, x_host=proxies)  # type: ignore[method-assign]
    uploads.install(app)
    languages.install(app)
    display.install(app)
    for name in BLUEPRINTS:
        app.register_blueprint(import_module(name).blueprint)
    app.add_url_rule("/healthz", "healthz", healthz)
    app.add_url_rule("/metrics", "metrics", metrics.view)
    app.context_processor(lambda: {"site": settings().site, "language": languages.language()})
    errors.register(app)
    csrf = CSRFProtect(app)
    for view in app.view_functions.values():
        if getattr(view, ACCESS, None) == "machine":
            csrf.exempt(view)
    return app


@open_to_all
def healthz() -> Response:
    """200 when this process can serve: the database answers and is migrated."""
    with transaction() as session:
        session.execute(text("SELECT 1 FROM catalogue_version WHERE state = 'live'"))
    return Response("ok\n", mimetype="text/plain")
