"""Puts together what takes answers to our mails, where a mailbox for them is configured."""

from __future__ import annotations

from collections.abc import Callable

from config.schema import Config
from daemon.clock import Clock
from daemon.incidents import Incidents
from daemon.letters import Letters
from daemon.mail.address import replies_to
from daemon.mail.answers import MailAnswers
from daemon.mail.desk import MailDesk
from daemon.mail.mailbox import Mailbox
from daemon.mail.poll import MailReplies
from daemon.metrics import Metrics
from daemon.people import names_of
from daemon.store.engine import Store
from daemon.store.links import UsedLinks
from daemon.store.mailings import Mailings


def mail_replies(
    config: Callable[[], Config],
    letters: Letters,
    *,
    incidents: Incidents,
    store: Store,
    metrics: Metrics,
    clock: Clock,
) -> MailReplies | None:
    """What looks into the mailbox; None where none is configured. ``letters`` sends the words back."""
    settings = config().notifiers.email
    if settings is None or settings.replies is None:
        return None

    def secret() -> str:  # asked for each mail: a reload may change it
        return config().web.secret_key.get_secret_value()

    desk = MailDesk(
        base=replies_to(settings),
        lists=frozenset(address.casefold() for address in settings.replies.lists),
        secret=secret,
        base_url=lambda: config().web.base_url,
        incidents=incidents,
        mailings=Mailings(store),
        answers=MailAnswers(store=store, letters=letters, used=UsedLinks(store, clock), clock=clock),
        clock=clock,
        names=lambda: names_of(config().people),
    )
    return MailReplies(
        Mailbox(settings.replies),
        desk,
        every=settings.replies.every,
        letters=letters,
        metrics=metrics,
        clock=clock,
    )
