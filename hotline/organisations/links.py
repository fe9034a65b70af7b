"""A work order's signed address, for organisations without an account here: it leads to this one order, lives
for a while, and is a secret of whoever has the organisation's telephone."""

from itsdangerous import BadSignature, URLSafeTimedSerializer

from hotline.config import settings
from hotline.errors import HotlineError

PURPOSE = "work-order-link"  # a signature for anything else opens nothing here


class LinkEnded(HotlineError):
    """Too old, made up, or its work order is over."""

    code = "link_ended"


def address(order_id: int) -> str:
    """The whole link, as it stands in a text."""
    return f"{settings().site.public_url.rstrip('/')}/w/{_signer().dumps(order_id)}"


def order_of(token: str) -> int:
    """Whose link it is. Raises LinkEnded."""
    try:
        order_id = _signer().loads(token, max_age=settings().dispatch.link_hours * 3600)
    except BadSignature as error:  # also one that is too old
        raise LinkEnded("this link is too old or was cut short") from error
    return int(order_id)


def can_be_made() -> bool:
    """Without a key of the site nobody could prove that a link is ours."""
    return bool(settings().site.secret_key)


def _signer() -> URLSafeTimedSerializer:
    return URLSafeTimedSerializer(settings().site.secret_key, salt=PURPOSE)
