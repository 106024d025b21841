"""Threads on virtual time: one runs at a time, and when all of them wait the clock jumps to the next deadline.

It stands in for `threading`, `time` and `datetime` in code that was written for real ones. Switches happen only where
such code blocks, so a run repeats exactly; time is in whole milliseconds since the run began.
"""

import datetime as real_datetime
import heapq
import itertools
import threading as real_threading
from collections import deque
from fractions import Fraction


class Stuck(Exception):
    """All threads wait for each other and none for the clock."""


class _Task:
    def __init__(self, strand):
        self.go = real_threading.Semaphore(0)
        # What the task works on, for whoever records; threads inherit it.
        self.strand = strand


class _Ticket:
    """One wait of one task, which ends once: by an event or by its deadline."""

    def __init__(self, task):
        self.task = task
        self.ended = False
        self.by_event = False


class Loop:
    """The tasks of one run and their clock; the thread that makes it is its first task."""

    current_loop = None

    def __init__(self, epoch):
        self.epoch = epoch
        self.now = 0
        self.root = self.current = _Task("")
        self._ready = deque()
        self._sleepers = []
        self._order = itertools.count()
        self._stuck = False
        Loop.current_loop = self

    def wait(self, waiters, seconds):
        """Parks the current task until one of `waiters` is woken or `seconds` passed; whether it was woken."""
        ticket = _Ticket(self.current)
        waiters.append(ticket)
        if seconds is not None:
            deadline = self.now + max(0, round(Fraction(seconds) * 1000))
            heapq.heappush(self._sleepers, (deadline, next(self._order), ticket))
        task = self.current
        self.leave()
        task.go.acquire()
        if self._stuck and task is self.root:
            raise Stuck(f"at {self.now} ms")
        return ticket.by_event

    def wake(self, waiters):
        """Ends every wait in `waiters`."""
        for ticket in waiters:
            self._end(ticket, by_event=True)
        waiters.clear()

    def _end(self, ticket, by_event):
        if not ticket.ended:
            ticket.ended = True
            ticket.by_event = by_event
            self._ready.append(ticket.task)

    def begin(self, task):
        """Lets a new task run when its turn comes."""
        self._ready.append(task)

    def leave(self):
        """Gives the turn to the next task, at a later time if none is ready."""
        while not self._ready and self._sleepers:
            deadline, _, ticket = heapq.heappop(self._sleepers)
            if not ticket.ended:
                self.now = max(self.now, deadline)
                self._end(ticket, by_event=False)
        if self._ready:
            self.current = self._ready.popleft()
        else:
            self._stuck = True
            self.current = self.root
        self.current.go.release()

    def instant(self):
        """The present instant, as AWS writes it."""
        return _Instant.of(self.epoch + real_datetime.timedelta(milliseconds=self.now))


class _Instant(real_datetime.datetime):
    @classmethod
    def of(cls, at):
        return cls(at.year, at.month, at.day, at.hour, at.minute, at.second, at.microsecond, at.tzinfo)

    def isoformat(self, *_, **__):
        return self.strftime("%Y-%m-%dT%H:%M:%S.") + f"{self.microsecond // 1000:03}Z"


class Event:
    """As `threading.Event`."""

    def __init__(self):
        self._flag = False
        self._waiters = []

    def is_set(self):
        return self._flag

    def set(self):
        self._flag = True
        Loop.current_loop.wake(self._waiters)

    def clear(self):
        self._flag = False

    def wait(self, timeout=None):
        return self._flag or Loop.current_loop.wait(self._waiters, timeout)


class Thread:
    """As `threading.Thread`, always a daemon: what is left over when a run ends never goes on."""

    def __init__(self, target=None, args=(), daemon=True):
        self._target, self._args = target, args
        self._done = Event()

    def start(self):
        loop = Loop.current_loop
        task = _Task(loop.current.strand)

        def body():
            task.go.acquire()
            try:
                self._target(*self._args)
            finally:
                self._done.set()
                loop.leave()

        real_threading.Thread(target=body, daemon=True).start()
        loop.begin(task)

    def join(self, timeout=None):
        self._done.wait(timeout)

    def is_alive(self):
        return not self._done.is_set()


class threading:
    """The module's names. Real locks do: nobody blocks while holding one."""

    Thread, Event, Lock, RLock = Thread, Event, real_threading.Lock, real_threading.RLock


class time:
    """The module's names; a fraction, because seconds since 1970 as floats would round below a second's end."""

    @staticmethod
    def time():
        return Fraction(Loop.current_loop.now, 1000)

    @staticmethod
    def sleep(seconds):
        Loop.current_loop.wait([], seconds)


class datetime:
    """The module's names."""

    timezone = real_datetime.timezone

    class datetime:
        @staticmethod
        def now(tz=None):
            return Loop.current_loop.instant()
