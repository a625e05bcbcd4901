"""A progress line, and a clean stop on SIGINT or SIGTERM."""

import signal
import sys
import time


class Progress:
    """Units per second over the last lines and the time left; one line in place on a terminal,
    else a line a minute."""

    def __init__(self, total=None, unit="images"):
        self.total, self.unit = total, unit
        self.terminal = sys.stderr.isatty()
        self.interval = 1 if self.terminal else 60
        self.shown_at = time.monotonic()
        self.counted_at = 0
        self.rate = 0.0

    def start(self, count):
        self.counted_at, self.shown_at = count, time.monotonic()

    def show(self, count, text=""):
        now = time.monotonic()
        if now - self.shown_at < self.interval:
            return
        self.rate = (count - self.counted_at) / max(1e-9, now - self.shown_at)
        self.counted_at, self.shown_at = count, now
        line = f"{count} {self.unit}, {self.rate:.1f}/s"
        if self.total:
            seconds = int((self.total - count) / self.rate) if self.rate > 0 else 0
            line += f", {seconds // 3600}:{seconds // 60 % 60:02}:{seconds % 60:02} left"
        line += f"  {text}" if text else ""
        if self.terminal:
            print("\r\x1b[K" + line, end="", file=sys.stderr, flush=True)
        else:
            print(line, file=sys.stderr, flush=True)

    def end(self):
        if self.terminal:
            print(file=sys.stderr)


class StopSignal:
    """`with StopSignal() as stop: while not stop: ...`. A second signal ends at once."""

    def __enter__(self):
        self.caught = None
        self.previous = {number: signal.signal(number, self._catch)
                         for number in (signal.SIGINT, signal.SIGTERM)}
        return self

    def _catch(self, number, _):
        self.caught = number
        for number, handler in self.previous.items():
            signal.signal(number, handler)

    def __bool__(self):
        return self.caught is not None

    def __exit__(self, *_):
        for number, handler in self.previous.items():
            signal.signal(number, handler)
