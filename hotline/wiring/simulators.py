"""The outside world of the default run: simulated switch and phone, simulated carrier, one process."""

from flask import Flask
from werkzeug.serving import make_server

from hotline.config import settings
from hotline.log_setup import set_up_logging
from hotline.telephony.simulated import switch
from hotline.web import languages
from sms.simulated import carrier


def create_app() -> Flask:
    app = Flask("hotline.simulators")
    languages.install(app)
    app.register_blueprint(switch.create_blueprint())
    app.register_blueprint(carrier.create_blueprint(settings().site.data_dir))
    return app


def run() -> None:
    set_up_logging()
    web = settings().web
    make_server(web.host, web.simulators_port, create_app(), threaded=True).serve_forever()
