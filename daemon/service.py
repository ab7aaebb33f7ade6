"""The daemon as a service: signals, and what the service manager wants to know."""

from __future__ import annotations

import asyncio
import gc
import os
import signal
import threading
from collections.abc import Callable, Mapping

import structlog

from config.schema import Config
from daemon.app import App
from daemon.clock import SystemClock
from daemon.errors import ConfigError
from daemon.notify_systemd import ServiceManager

log = structlog.get_logger()

_STOP_WITHIN = 9.0  # seconds, of the 10 that we promise


async def serve(config: Config, again: Callable[[], Config], environ: Mapping[str, str]) -> None:
    """Run until SIGTERM or SIGINT; on SIGHUP read the configuration with ``again``."""
    clock = SystemClock()
    manager = ServiceManager(environ, clock)
    app = App(config, clock)
    loop = asyncio.get_running_loop()

    def stop() -> None:
        manager.stopping("stopping")
        app.stop()
        last = threading.Timer(_STOP_WITHIN, _cut_off)
        last.daemon = True
        last.start()

    def reload() -> None:
        manager.reloading()
        try:
            app.reload(again())
        except ConfigError as error:
            log.error("reload_refused", faults=list(error.faults))  # noqa: TRY400 - the faults say it all
            manager.ready("reload refused; working by the old configuration")
        else:
            log.info("reloaded")
            manager.ready("reloaded")

    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, stop)
    loop.add_signal_handler(signal.SIGHUP, reload)
    async with asyncio.TaskGroup() as group:
        attend = group.create_task(_attend(app, manager, clock))
        await app.run()
        attend.cancel()


def _cut_off() -> None:
    """End with something still under way: what matters is in the store, and the next start goes on with it."""
    log.warning("stop_cut_off", after=f"{_STOP_WITHIN:g} s")
    os._exit(0)


async def _attend(app: App, manager: ServiceManager, clock: SystemClock) -> None:
    """Tell the manager when we are ready, and that we are alive."""
    await app.started.wait()
    gc.collect()
    gc.freeze()  # what stays as long as we do is not gone through again: that would hold up the loop for 60 to 90 ms
    manager.ready(f"watching {len(app.config.brands)} brand(s)")
    while manager.watchdog_seconds is not None:
        manager.watchdog()
        await clock.sleep(manager.watchdog_seconds / 3)
