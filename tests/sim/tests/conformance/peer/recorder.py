"""What a run does, kept apart by strand."""

import json

from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
import virtual_time
from virtual_time import Loop


class Recorder:
    """What one run does, by strand: the top level is "", an iteration "<Map>[<index>]" below the strand around it."""

    def __init__(self, delays):
        self.events = []
        # The delays that the other side waited before its retries, by strand: what jitter draws here.
        self.delays = delays
        self.retries = {}
        self.jitter = None
        # How often each strand opened each Map, the state it is in, and the kind of its latest event.
        self.openings = {}
        self.state = {}
        self.latest = {}

    @property
    def strand(self):
        """What the running thread works on."""
        return Loop.current_loop.current.strand

    def event(self, kind, details):
        """Hears of an event of the history."""
        if kind.endswith("StateEntered"):
            self.state[self.strand] = details["stateEnteredEventDetails"]["name"]
        if kind == "MapStateStarted":
            key = (self.strand, self.state[self.strand])
            self.openings[key] = self.openings.get(key, 0) + 1
        # What the details hold is changed later on.
        self.note(kind, json.loads(to_json_str(details or {})))

    def note(self, kind, details):
        """Appends to what the present strand did."""
        self.latest[self.strand] = kind
        self.events.append({"strand": self.strand, "at": Loop.current_loop.now, "type": kind, **details})

    def below(self, map_state, index):
        """The strand of an iteration; a Map that is opened again, by a loop or a retry, has new ones."""
        opening = self.openings.get((self.strand, map_state), 1)
        again = "" if opening == 1 else f"#{opening}"
        return f"{self.strand}/{map_state}{again}[{index}]"

    def drawn(self, bound):
        """The delay that the other side drew; where it retried less often, the bound."""
        delays = self.delays.get(self.strand, [])
        count = self.retries.get(self.strand, 0)
        self.jitter = bound
        return delays[count] / 1000 if count < len(delays) else bound

    def retry(self, seconds):
        """Waits, and tells of the retry only once it begins, as a history does."""
        delay = {"delay": round(seconds * 1000), "jitter": self.jitter and round(self.jitter * 1000)}
        self.jitter = None
        self.retries[self.strand] = self.retries.get(self.strand, 0) + 1
        virtual_time.time.sleep(seconds)
        self.note("Retry", delay)
