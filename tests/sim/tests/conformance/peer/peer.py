"""Runs state machines by moto on virtual time, one JSON line in and out at a time.

In comes `{"run": …}`. Out go `{"invoke": …}` for every call of a function, each answered by one line, and at the end
`{"ended": …}` with the history. moto is changed from outside in what it leaves to its embedder (time, the Lambda
client, the JSONata evaluator), and for what `repairs` names where it is wrong.
"""

import datetime
import functools
import io
import json
import logging
import re
import sys

from botocore.exceptions import ClientError
from jsonata import jsonata, timebox, utils
from recorder import Recorder
from repairs import repaired
import virtual_time
from virtual_time import Loop

from moto.stepfunctions.parser.asl.component.common.retry import jitter_strategy_decl, retrier_decl
from moto.stepfunctions.parser.asl.component.program import program
from moto.stepfunctions.parser.asl.component.state import state
from moto.stepfunctions.parser.asl.component.state.exec import execute_state
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import (
    inline_iteration_component,
    iteration_worker,
    job,
)
from moto.stepfunctions.parser.asl.component.state.exec.state_task import lambda_eval_utils
from moto.stepfunctions.parser.asl.component.state.wait.wait_function import wait_function
from moto.stepfunctions.parser.asl.eval import environment, evaluation_details, states, variable_store
from moto.stepfunctions.parser.asl.eval.event import event_manager
from moto.stepfunctions.parser.asl.jsonata import jsonata as moto_jsonata
from moto.stepfunctions.parser.asl.parse import asl_parser
from moto.stepfunctions.parser.asl.utils.encoding import to_json_str
from moto.stepfunctions.parser.backend import execution_worker
from moto.stepfunctions.parser.backend.execution_worker_comm import ExecutionWorkerCommunication


def say(message):
    """Sends one line."""
    sys.__stdout__.write(json.dumps(message) + "\n")
    sys.__stdout__.flush()


def hear():
    """Receives one line; the end of the input ends the process."""
    line = sys.stdin.readline()
    if not line:
        sys.exit(0)
    return json.loads(line)


RECORDER = None


class LambdaClient:
    """Calls functions on the other side of the pipe."""

    def invoke(self, FunctionName, Payload=b"{}"):
        recorder = RECORDER
        call = {
            "function": FunctionName,
            "payload": json.loads(Payload),
            "state": recorder.state[recorder.strand],
            "strand": recorder.strand,
            "at": Loop.current_loop.now,
        }
        say({"invoke": call})
        answer = hear()
        if answer.get("never"):
            virtual_time.Event().wait()
        virtual_time.time.sleep(answer["after"] / 1000)
        if "service" in answer:
            code, message = answer["service"]["code"], answer["service"]["message"]
            meta = {"HTTPStatusCode": 500, "RequestId": "0"}
            raise ClientError({"Error": {"Code": code, "Message": message}, "ResponseMetadata": meta}, "Invoke")
        body = {"StatusCode": 200, "ExecutedVersion": "$LATEST"}
        if "function" in answer:
            return {**body, "FunctionError": "Unhandled", "Payload": io.BytesIO(answer["function"].encode())}
        return {**body, "Payload": io.BytesIO(json.dumps(answer["returns"]).encode())}


BOUND = {}
REFERENCE = re.compile(r"\$bound__(\d+)\b")


def bind(bindings):
    """Declares variables by reference: moto writes values out as source text and does not escape strings."""
    declarations = []
    for name, value in bindings.items():
        BOUND[len(BOUND)] = value
        declarations.append(f"{name}:=$bound__{len(BOUND) - 1};")
    return "".join(declarations)


def data(value):
    """A copy of JSON for JSONata, which tells null from nothing."""
    if value is None:
        return utils.Utils.NULL_VALUE
    if isinstance(value, dict):
        return {key: data(item) for key, item in value.items()}
    return [data(item) for item in value] if isinstance(value, list) else value


@functools.lru_cache(maxsize=None)
def compiled(expression):
    """The syntax tree of an expression; parsing takes longer than evaluating."""
    return jsonata.Jsonata(expression)


def evaluate(expression):
    """Evaluates with jsonata-python."""
    values = {}

    def place(reference):
        # Equal expressions over other values are one text.
        values[f"bound__{len(values)}"] = data(BOUND[int(reference[1])])
        return f"$bound__{len(values) - 1}"

    try:
        tree = compiled(REFERENCE.sub(place, expression))
        jsonata.Jsonata.CURRENT.jsonata = tree
        return json.loads(to_json_str(tree.evaluate(None, values)))
    except Exception as error:
        raise moto_jsonata.JSONataException("UNKNOWN", str(error)) from error


@functools.lru_cache
def parsed(definition):
    """The program of a definition, which keeps no state of its runs; parsing takes longer than running."""
    return asl_parser.AmazonStateLanguageParser.parse(definition)


def embed():
    """Gives moto its time, its functions and its evaluator."""
    for module in (program, execute_state, inline_iteration_component, job, environment, event_manager):
        module.threading = virtual_time.threading
    execute_state.Thread = virtual_time.Thread
    state.datetime = event_manager.datetime = virtual_time.datetime
    wait_function.time = virtual_time.time
    timebox.Timebox.current_milli_time = staticmethod(lambda: round(Loop.current_loop.instant().timestamp() * 1000))
    retrier_decl.time = type("time", (), {"sleep": staticmethod(lambda seconds: RECORDER.retry(seconds))})
    uniform = staticmethod(lambda _, bound: RECORDER.drawn(bound))
    jitter_strategy_decl.random = type("random", (), {"uniform": uniform})
    lambda_eval_utils.boto_client_for = lambda **_: LambdaClient()
    moto_jsonata._eval_jsonata = evaluate
    states.encode_jsonata_variable_declarations = bind
    variable_store.encode_jsonata_variable_declarations = bind
    execution_worker.AmazonStateLanguageParser = type("Parser", (), {"parse": staticmethod(parsed)})


def record():
    """Hears of every event, and of the iteration that a worker is in."""
    add_event, eval_job = event_manager.EventManager.add_event, iteration_worker.IterationWorker._eval_job

    def recorded(self, context, event_type, event_details=None, **rest):
        RECORDER.event(str(getattr(event_type, "value", event_type)), event_details)
        return add_event(self, context, event_type, event_details, **rest)

    def in_strand(self, env, job):
        task = Loop.current_loop.current
        around, task.strand = task.strand, RECORDER.below(self._work_name, job.job_index)
        try:
            eval_job(self, env, job)
        finally:
            task.strand = around

    event_manager.EventManager.add_event = recorded
    iteration_worker.IterationWorker._eval_job = in_strand


class Ended(ExecutionWorkerCommunication):
    """Nobody else waits for the end."""

    def terminated(self):
        pass


def worker(request):
    """moto's own worker for one execution."""
    details = evaluation_details.EvaluationDetails(
        aws_execution_details=evaluation_details.AWSExecutionDetails(
            account="000000000000", region="eu-west-1", role_arn=request["roleArn"]
        ),
        execution_details=evaluation_details.ExecutionDetails(
            arn=request["executionArn"],
            name=request["name"],
            role_arn=request["roleArn"],
            inpt=request["input"],
            start_time=request["startTime"],
        ),
        state_machine_details=evaluation_details.StateMachineDetails(
            arn=request["stateMachineArn"],
            name=request["stateMachineArn"].rsplit(":", 1)[1],
            typ="STANDARD",
            definition=request["definition"],
        ),
    )
    return execution_worker.ExecutionWorker(details, Ended(), None, {})


def run(request):
    """Runs one execution to its end."""
    global RECORDER
    try:
        parsed(request["definition"])
    except Exception as error:
        return {"refused": repr(error)}
    BOUND.clear()
    start = datetime.datetime.fromisoformat(request["startTime"].replace("Z", "+00:00"))
    Loop(start)
    RECORDER = Recorder(request["delays"])
    execution = worker(request)
    # A thread of its own, because the first task only waits for the end.
    thread = virtual_time.Thread(target=execution._execution_logic)
    with repaired(request["repairs"]):
        thread.start()
        thread.join()
    end = execution.env.program_state()
    ended = {"status": type(end).__name__, "at": Loop.current_loop.now, "events": RECORDER.events}
    if isinstance(end, program.ProgramEnded):
        ended["output"] = execution.env.states.get_input()
    if isinstance(end, program.ProgramError):
        ended.update(end.error)
    return ended


def main():
    logging.disable(logging.CRITICAL)
    embed()
    record()
    while True:
        request = hear()["run"]
        say({"ended": json.loads(to_json_str(run(request)))})


if __name__ == "__main__":
    main()
