"""What this machine could do at best: the same gunicorn, a Flask view that does one INSERT and a commit."""

from flask import Flask, redirect, request
from sqlalchemy import text
from werkzeug.wrappers import Response

from hotline.db import engine
from hotline.wiring.web_server import WebServer

TABLE = "bench_bare"


def create_bare_app() -> Flask:
    app = Flask(__name__)
    insert = text(f"INSERT INTO {TABLE} (text) VALUES (:text)")

    @app.post("/")
    def keep() -> Response:
        with engine().begin() as connection:
            connection.execute(insert, {"text": request.form["text"]})
        return redirect("/", 303)

    @app.get("/healthz")
    def healthz() -> str:
        return "ok"

    return app


class BareServer(WebServer):
    def load(self) -> Flask:
        return create_bare_app()


if __name__ == "__main__":
    BareServer().run()
