"""The service: every part made, started, watched and stopped in one place."""

from __future__ import annotations

import asyncio
import contextlib
from collections.abc import Mapping

import structlog
from aiohttp import web

from config.schema import Config
from daemon.clock import Clock
from daemon.compose import Composer, warm
from daemon.duty import Duty
from daemon.errors import ConfigError, DeliveryError, TocsinError
from daemon.evidence import replies_again
from daemon.explain import Explainer
from daemon.health import Health
from daemon.incidents import Incidents
from daemon.ingest import Ingest, names_of, own_authors
from daemon.leases import Leases
from daemon.letters import Letters
from daemon.mail.make import mail_replies
from daemon.metrics import Metrics
from daemon.notify import make_notifiers
from daemon.outbox import Outbox
from daemon.privacy import forget_before
from daemon.rendering import Charts
from daemon.replies.library import library_of
from daemon.replies.lint import warm as warm_lint
from daemon.reports.room import look_back
from daemon.socket_mode import SocketMode
from daemon.sources.mqtt import MqttSource
from daemon.store.corrections import Corrections
from daemon.store.engine import Store, transient
from daemon.store.links import UsedLinks
from daemon.store.reads import Reads
from daemon.store.samples import Samples
from daemon.store.silences import Silences
from daemon.teaching import Teacher
from daemon.tick import Ticker
from daemon.transformer import text_model
from daemon.vitals import Vitals
from daemon.watch import Watch
from daemon.web.app import make_app, make_runner
from daemon.web.parts import Parts
from daemon.web.slack_make import slack_side
from notifiers.base import Notifier
from notifiers.slack import SlackNotifier

log = structlog.get_logger()

_DUTY_EVERY = 15.0  # seconds between looks whether a calendar has changed, or another daemon was silenced
_REPORT_EVERY = 5.0  # seconds between looks at our own health
_FORGET_EVERY = 3600.0
_SUMMARY_EVERY = 30.0  # seconds between looks whether the summary of a month is due
_LETTERS_EVERY = 5.0  # seconds between looks for letters that are to be sent, or tried again
_LEARN_EVERY = 5.0  # seconds between looks for what another daemon was taught, or what was erased
_STOP_WITHIN = 8.0  # seconds, of the 10 that we promise
_WARM_AFTER = 5.0  # seconds: a restart in the midst of a crisis has other things to do first
_LONG_ENOUGH = 16  # characters of web.secret_key


class App:
    """Tocsin at work. ``run`` starts everything and returns after `stop` has been called.

    ``notifiers`` adds to, or stands in for, those that the configuration names.
    """

    def __init__(
        self, config: Config, clock: Clock, *, notifiers: Mapping[str, Notifier] | None = None, look_every: float = 10.0
    ) -> None:
        self.config = config
        self.clock = clock
        self._brands = set(config.brands)  # the sources look here, and see a reload
        self._extra = dict(notifiers or {})
        self._look_every = look_every
        self._socket: SocketMode | None = None
        self._stopping = asyncio.Event()
        self.started = asyncio.Event()
        self.port = config.web.port

    def stop(self) -> None:
        """Ask the service to end in good order."""
        self._stopping.set()

    async def run(self) -> None:
        """Start, serve until asked to stop, and end in good order.

        Raises ``StoreError`` or ``ConfigError`` where it cannot start.
        """
        async with contextlib.AsyncExitStack() as stack:
            await self._start(stack)
            async with asyncio.TaskGroup() as group:
                tasks = [
                    group.create_task(self.ingest.run(), name="ingest"),
                    group.create_task(self.watch.run(), name="watch"),
                    group.create_task(self.outbox.run(), name="outbox"),
                ]
                replies = mail_replies(
                    lambda: self.config,
                    letters=self.letters,
                    incidents=self.incidents,
                    store=self.store,
                    metrics=self.metrics,
                    clock=self.clock,
                )
                if replies is not None:
                    tasks.append(group.create_task(replies.run(), name="mail-replies"))
                if self._socket is not None:
                    tasks.append(group.create_task(self._socket.run(), name="slack-socket"))
                sources = [group.create_task(source.run(), name="mqtt") for source in self._sources()]
                self.watch.wake()
                self.started.set()
                log.info("started", brands=len(self.config.brands), port=self.port, store=await self.store.check())
                await self._stopping.wait()
                log.info("stopping")
                await self._stop_in_order(sources, tasks)
        log.info("stopped")

    async def _start(self, stack: contextlib.AsyncExitStack) -> None:
        config, clock = self.config, self.clock
        library_of(config, anew=True)
        if len(config.web.secret_key.get_secret_value()) < _LONG_ENOUGH:
            log.warning("secret_key_short", advice="web.secret_key: take at least 16 random characters")
        self.health = Health("store", "outbox", *(["mqtt"] if config.sources.mqtt else []))
        self.metrics = Metrics(config.brands)
        self.store = await Store.open(config.store.url)
        stack.push_async_callback(self.store.close)
        self.duty = Duty(config=lambda: self.config, clock=clock, silences=Silences(self.store))
        await self.duty.start()
        self.incidents = Incidents(
            self.store,
            clock,
            self.duty.policies(config),
            lambda incident: replies_again(self.incidents, incident, self.config, clock.now()),
        )
        self.corrections = Corrections(self.store, clock)
        self.teacher = Teacher(await asyncio.to_thread(text_model, config), self.corrections)
        await self.teacher.catch_up()
        self.ingest = Ingest(
            store=self.store,
            clock=clock,
            model=self.teacher.model,
            metrics=self.metrics,
            late_after=config.detection.late_after,
        )
        self.ingest.own_authors = own_authors(config)
        self.ingest.names = self.corrections.names = names_of(config)
        self.watch = Watch(
            config=config, store=self.store, clock=clock, incidents=self.incidents, every=self._look_every
        )
        self.ingest.on_commit(self.watch.wake)
        self.teacher.on_change(self.ingest.adopt)
        self.corrections.on_commit(self._corrected)
        await self.watch.start()
        self.charts = Charts()
        stack.push_async_callback(self.charts.close)
        await self._open_ways_out(stack)
        reads = Reads(self.store)
        back = look_back(
            config=lambda: self.config,
            clock=clock,
            store=self.store,
            incidents=self.incidents,
            forecast=self.watch,
            letters=self.letters,
        )
        stack.callback(back.trial.close)
        self.outbox = Outbox(
            clock=clock,
            incidents=self.incidents,
            notifiers=self.notifiers,
            compose=Composer(
                config=lambda: self.config,
                clock=clock,
                reads=reads,
                reporter=back.reporter,
                forecast=self.watch,
                charts=self.charts,
            ),
            metrics=self.metrics,
            leases=self.leases,
        )
        self.vitals = Vitals(
            clock=clock,
            store=self.store,
            health=self.health,
            metrics=self.metrics,
            ingest=self.ingest,
            incidents=self.incidents,
            leases=self.leases,
            letters=self.letters,
            gaps=self.watch.gaps,
            notifiers=self.notifiers,
        )
        explainer = Explainer(
            config=lambda: self.config, clock=clock, store=self.store, incidents=self.incidents, forecast=self.watch
        )
        stack.callback(explainer.close)
        self.parts = Parts(
            config=config,
            clock=clock,
            incidents=self.incidents,
            ingest=self.ingest,
            forecast=self.watch,
            waits=self.watch,
            explainer=explainer,
            reads=reads,
            reporter=back.reporter,
            periods=back.periods,
            trial=back.trial,
            corrections=self.corrections,
            samples=Samples(self.store),
            used_links=UsedLinks(self.store, clock),
            duty=self.duty,
            health=self.health,
            metrics=self.metrics,
            charts=self.charts,
        )
        await self._serve(stack)
        self.ticker = Ticker(clock=clock, incidents=self.incidents)
        stack.push_async_callback(self.ticker.stop)
        self.ticker.every(_REPORT_EVERY, "report", self.vitals.report)
        self.ticker.every(_FORGET_EVERY, "forget", self.forget)
        self.ticker.every(_DUTY_EVERY, "duty", lambda: self.duty.renew(self.incidents))
        self.ticker.every(_SUMMARY_EVERY, "monthly-summary", back.monthly.write_due)
        self.ticker.every(_LETTERS_EVERY, "letters", self.letters.send_due)
        self.ticker.every(_LEARN_EVERY, "learn", self.teacher.catch_up)
        await self.ticker.start()
        await self.vitals.report()
        for name, task in (("warm-up", self._warm_up()), ("check-slack", self._check_slack())):
            stack.callback(asyncio.create_task(task, name=name).cancel)

    async def _open_ways_out(self, stack: contextlib.AsyncExitStack) -> None:
        """Make what sends, and what it takes to go on with what was on its way when we stopped."""
        config, store, clock = self.config, self.store, self.clock
        self.notifiers = make_notifiers(config, clock) | self._extra
        for notifier in self.notifiers.values():
            stack.push_async_callback(notifier.close)
        node = config.sources.mqtt.client_id if config.sources.mqtt else "tocsin"
        self.leases = Leases(store=store, clock=clock, incidents=self.incidents, node=node)
        self.letters = Letters(store=store, clock=clock, notifiers=self.notifiers, node=node)
        await self.leases.recover()
        await self.letters.recover()

    async def _serve(self, stack: contextlib.AsyncExitStack) -> None:
        slack = slack_side(lambda: self.config, self.parts, stack)
        self._socket = slack.socket
        runner = make_runner(make_app(self.parts, slack.routes))
        await runner.setup()
        stack.push_async_callback(runner.cleanup)
        site = web.TCPSite(runner, self.config.web.host, self.config.web.port)
        try:
            await site.start()
        except OSError as error:
            raise ConfigError(
                f"web.port: cannot listen on {self.config.web.host}:{self.config.web.port}: {error.strerror}"
            ) from error
        self.port = runner.addresses[0][1] if runner.addresses else self.config.web.port

    def _sources(self) -> list[MqttSource]:
        settings = self.config.sources.mqtt
        if settings is None:
            return []
        return [
            MqttSource(
                settings,
                brands=self._brands,
                ingest=self.ingest,
                clock=self.clock,
                on_state=self.vitals.mqtt_state,
            )
        ]

    async def _stop_in_order(self, sources: list[asyncio.Task[None]], tasks: list[asyncio.Task[None]]) -> None:
        """Sources first, so that nothing new comes; then what is in hand is finished."""
        with contextlib.suppress(TimeoutError):
            async with asyncio.timeout(_STOP_WITHIN):
                await _cancel(sources)
                await self.ticker.stop()
                await _cancel(tasks)
                await self.watch.stop()

    # ── now and then

    async def _warm_up(self) -> None:
        """Make ready what the first alert and the first reply would wait for, after what waits already."""
        await self.clock.sleep(_WARM_AFTER)
        await warm(self.charts)
        for lang in dict.fromkeys(lang for brand in self.config.brands.values() for lang in brand.languages):
            await asyncio.to_thread(warm_lint, [lang])  # one at a time: a stop need not wait for the others

    async def _check_slack(self) -> None:
        """Say at the start what the app in Slack lacks, not at the first alert."""
        notifier = self.notifiers["slack"]
        if isinstance(notifier, SlackNotifier):
            try:
                lacking = await notifier.check()
            except DeliveryError as error:
                log.warning("slack_check_failed", reason=str(error))
            else:
                if lacking:
                    log.warning("slack_scopes_missing", scopes=list(lacking))

    async def _corrected(self) -> None:
        """Learn a correction before its author is answered; where the store fails, the next look learns it."""
        self.watch.wake()
        try:
            await self.teacher.catch_up()
        except Exception as error:
            if not transient(error):
                raise
            log.warning("correction_not_learned_yet", error=type(error).__name__)

    async def forget(self) -> None:
        """Erase texts and authors whose time is over."""
        forgotten = await forget_before(self.store, self.clock.now() - self.config.store.retention)
        if forgotten:
            log.info("forgotten", mentions=forgotten)

    def reload(self, config: Config) -> None:
        """Work by new settings. What cannot change while running keeps its old value, and is named.

        Raises ``ConfigError`` that names each of these.
        """
        fixed = [
            name
            for name, old, new in (
                ("sources", self.config.sources, config.sources),
                ("store.url", self.config.store.url, config.store.url),
                ("web.host", self.config.web.host, config.web.host),
                ("web.port", self.config.web.port, config.web.port),
                ("notifiers", self.config.notifiers, config.notifiers),
            )
            if old != new
        ]
        if fixed:
            raise ConfigError(*(f"{name}: cannot change while running; restart the service" for name in fixed))
        library_of(config, anew=True)
        self.config = self.parts.config = config
        self.duty.read(config)
        self.incidents.policies = self.duty.policies(config)
        self.watch.adopt(config)
        self._brands.clear()
        self._brands.update(config.brands)
        self.ingest.late_after = config.detection.late_after
        self.ingest.own_authors = own_authors(config)
        self.ingest.names = self.corrections.names = names_of(config)
        self.ticker.once("new-deadlines", self.incidents.rewrite_dues)


async def _cancel(tasks: list[asyncio.Task[None]]) -> None:
    for task in tasks:
        task.cancel()
    results = await asyncio.gather(*tasks, return_exceptions=True)
    for result in results:
        if isinstance(result, Exception) and not isinstance(result, TocsinError):
            log.error("stopped_with_error", error=type(result).__name__)
