"""People at the pages: a browser without a screen that reads forms, fills them in and sends them."""

from collections.abc import Mapping
from html.parser import HTMLParser

import requests

from hotline.errors import HotlineError
from hotline.staff.service import DEMO_PASSWORD


class PageRefused(HotlineError):
    """A page answered something other than what a person would expect."""

    code = "page_refused"


class _Fields(HTMLParser):
    """The hidden fields of every form, by the form's action."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.hidden: dict[str, dict[str, str]] = {}
        self._action = ""
        self.feed(html)

    def handle_starttag(self, tag: str, attrs: list[tuple[str, str | None]]) -> None:
        found = {name: value or "" for name, value in attrs}
        if tag == "form":
            self._action = found.get("action", "")
            self.hidden.setdefault(self._action, {})
        if tag == "input" and found.get("type") == "hidden" and "name" in found:
            self.hidden.setdefault(self._action, {}).setdefault(found["name"], found.get("value", ""))


class Browser:
    """One person's browser at `base`. Every refused page is an error that carries its words."""

    def __init__(self, base: str) -> None:
        self.base = base
        self._session = requests.Session()

    def read(self, path: str) -> str:
        """The page's HTML. Raises PageRefused unless it is there."""
        answer = self._session.get(self.base + path, timeout=20)
        self._expect(answer, path)
        return answer.text

    def send(self, page: str, action: str, fields: Mapping[str, str]) -> str:
        """Open `page`, fill in its form that posts to `action`, send it; the page that follows."""
        forms = _Fields(self.read(page)).hidden
        hidden = forms.get(action) or forms.get("") or next(iter(forms.values()), {})
        answer = self._session.post(self.base + action, data={**hidden, **fields}, timeout=20)
        self._expect(answer, action)
        return answer.text

    def sign_in(self, username: str) -> "Browser":
        self.send("/sign-in", "/sign-in", {"username": username, "password": DEMO_PASSWORD})
        return self

    @staticmethod
    def _expect(answer: requests.Response, path: str) -> None:
        if answer.status_code != 200:
            words = " ".join(_Words(answer.text).words)[:300]
            raise PageRefused(f"{path} answered {answer.status_code}: {words}")


class _Words(HTMLParser):
    """What a person would read."""

    def __init__(self, html: str) -> None:
        super().__init__()
        self.words: list[str] = []
        self.feed(html)

    def handle_data(self, data: str) -> None:
        if data.strip():
            self.words.append(data.strip())
