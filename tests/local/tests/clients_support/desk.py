"""What no client of AWS can do, asked of the test that runs this: one JSON line out, one back.

Standard output belongs to this alone; whatever is for people goes to standard error. The wishes are those of `Wish` in
`mod.rs`.
"""

import json
import sys

_OUT = sys.stdout
sys.stdout = sys.stderr


def ask(do, **members):
    """Has a wish granted and gives the answer."""
    _OUT.write(json.dumps({"do": do, **members}) + "\n")
    _OUT.flush()
    answer = sys.stdin.readline()
    if not answer:
        raise SystemExit(f"the wish {do} {members} was not granted")
    return json.loads(answer)


def let_pass(seconds):
    """Lets virtual time pass; jobs that are due meanwhile end at their own time."""
    ask("pass", seconds=seconds)
