"""`hotline learn`: a rebuild without waiting for the night, and what came of it."""

import click

from hotline import clock
from hotline.catalogue.queries import hotlines
from hotline.db import transaction
from hotline.learning import rebuild, service
from hotline.learning.models import Build, LearntModel

GOOD = (Build.PASSED, Build.SAME)


def learn_now(hotline: str | None) -> bool:
    """True when each hotline's rebuild passed or found nothing new."""
    now = clock.now()
    with transaction() as session:
        wanted = [hotline] if hotline else hotlines(session)
        asked = {service.ask(session, one, actor="system:command", now=now).id for one in wanted}
    done = []
    while asked and (model := rebuild.rebuild_next(now)):
        click.echo(_told(model))
        done.append(model)
        asked.discard(model.id)
    return not asked and all(model.state in GOOD for model in done)


def _told(model: LearntModel) -> str:
    learnt = f"{model.tickets} tickets of {model.items} items"
    said = f"{model.hotline}: model {model.id} {model.state}: {learnt}"
    if model.golden and model.golden_live:
        first, was = model.golden["first"], model.golden_live["first"]
        said += f"; golden set first {first} (live {was}) of {model.golden['sentences']}"
        said += "" if model.embedding_model else "; words alone, no sentence model answered"
    return "\n  ".join([said, *(" ".join(reason) for reason in model.reasons)])
