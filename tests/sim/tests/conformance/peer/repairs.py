"""Where moto is wrong, by name, with what says so, and how it is put right from outside: pages are of AWS's guide.

A case names the repairs that it needs, and fails once moto agrees with ours without one of them.
"""

from contextlib import ExitStack
from unittest.mock import patch

from recorder import Recorder

from moto.stepfunctions.parser.api import EvaluationFailedEventDetails, ExecutionFailedEventDetails, HistoryEventType
from moto.stepfunctions.parser.asl.component.common.assign import assign_decl
from moto.stepfunctions.parser.asl.component.common.error_name.custom_error_name import CustomErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.error_name import ErrorName
from moto.stepfunctions.parser.asl.component.common.error_name.failure_event import FailureEvent, FailureEventException
from moto.stepfunctions.parser.asl.component.common.string.string_expression import StringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.comparison.comparison import ConditionStringJSONata
from moto.stepfunctions.parser.asl.component.state.choice.state_choice import StateChoice
from moto.stepfunctions.parser.asl.component.state.exec.state_map.iteration import iteration_worker
from moto.stepfunctions.parser.asl.component.state.state import CommonStateField
from moto.stepfunctions.parser.asl.eval.environment import Environment
from moto.stepfunctions.parser.asl.eval.event.event_detail import EventDetails
from moto.stepfunctions.parser.asl.jsonata.jsonata import JSONataException
from moto.stepfunctions.parser.backend.execution_worker import ExecutionWorker

REPAIRS = {}


def repaired(names):
    """A context in which what the names stand for is put right."""
    stack = ExitStack()
    for name in names:
        for change in REPAIRS[name]():
            stack.enter_context(change)
    return stack


def repair(source):
    """Adds a repair under its function's name; it gives the changes to make."""

    def add(function):
        function.__doc__ = source
        REPAIRS[function.__name__.replace("_", "-")] = function
        return function

    return add


@repair("Accessing execution data from the Context object: Execution has RedriveCount")
def redrive_count():
    original = ExecutionWorker._get_evaluation_environment

    def environment(self):
        env = original(self)
        env.states.context_object.context_object_data["Execution"]["RedriveCount"] = 0
        return env

    return [patch.object(ExecutionWorker, "_get_evaluation_environment", environment)]


@repair("Accessing execution data from the Context object: Map.Item is there in every state of an iteration")
def map_item_in_tasks():
    original = Environment.as_inner_frame_of.__func__

    def frame_of(cls, env, *args, **kwargs):
        frame = original(cls, env, *args, **kwargs)
        around = env.states.context_object.context_object_data
        if "Map" in around:
            frame.states.context_object.context_object_data["Map"] = around["Map"]
        return frame

    return [patch.object(Environment, "as_inner_frame_of", classmethod(frame_of))]


@repair("Passing data between states with variables: Assign takes effect in the next state, Output sees the old values")
def output_before_assign():
    exited = CommonStateField._get_state_exited_event_details

    def hold(self, env):
        held = {}
        for binding in self.declaration_bindings:
            binding.eval(env=env)
            held.update(env.stack.pop())
        env.held = held

    def take_effect(self, env):
        for name, value in env.__dict__.pop("held", {}).items():
            env.variable_store.set(variable_identifier=name, variable_value=value)
        return exited(self, env)

    return [
        patch.object(assign_decl.AssignDecl, "_eval_body", hold),
        patch.object(CommonStateField, "_get_state_exited_event_details", take_effect),
    ]


def query_error(env, cause):
    """The failure of an expression, told of in the history."""
    name = "States.QueryEvaluationError"
    details = EventDetails(evaluationFailedEventDetails=EvaluationFailedEventDetails(cause=cause, error=name))
    kind = HistoryEventType.EvaluationFailed
    env.event_manager.add_event(context=env.event_history_context, event_type=kind, event_details=details)
    return FailureEventException(FailureEvent(env, ReservedName(name), kind, details))


class ReservedName(ErrorName):
    """An error's name that may begin with `States.`."""


@repair("Handling errors in Step Functions workflows: States.QueryEvaluationError is what a failed expression is")
def throws():
    original = StringJSONata._eval_body

    def body(self, env):
        try:
            original(self, env)
        except JSONataException as error:
            raise query_error(env, str(error.details)) from error

    return [patch.object(StringJSONata, "_eval_body", body)]


@repair("Handling errors in Step Functions workflows: States.QueryEvaluationError is also a value of the wrong type")
def condition_of_another_type():
    original = ConditionStringJSONata._eval_body

    def body(self, env):
        try:
            original(self, env)
        except RuntimeError as error:
            raise query_error(env, str(error)) from error

    return [patch.object(ConditionStringJSONata, "_eval_body", body)]


@repair("Handling errors in Step Functions workflows: without a match and a Default it is States.NoChoiceMatched")
def no_choice_matched():
    original = StateChoice._eval_state

    def state(self, env):
        try:
            original(self, env)
        except RuntimeError as error:
            name = "States.NoChoiceMatched"
            details = EventDetails(executionFailedEventDetails=ExecutionFailedEventDetails(error=name))
            event = FailureEvent(env, ReservedName(name), HistoryEventType.ExecutionFailed, details)
            raise FailureEventException(event) from error

    return [patch.object(StateChoice, "_eval_state", state)]


@repair("Handling errors in Step Functions workflows: a Map fails by the error of its iteration")
def states_errors_in_maps():
    def named(error_name):
        return ReservedName(error_name) if error_name.startswith("States.") else CustomErrorName(error_name)

    return [patch.object(iteration_worker, "CustomErrorName", named)]


@repair("No page says so: one failure of one expression is one event")
def told_once():
    original = Recorder.note

    def note(self, kind, details):
        if kind != "EvaluationFailed" or self.latest.get(self.strand) != kind:
            original(self, kind, details)

    return [patch.object(Recorder, "note", note)]


@repair("No page was found that says so: an iteration that was stopped amid a state did not succeed")
def stopped_is_not_succeeded():
    original = Recorder.note

    def note(self, kind, details):
        if kind != "MapIterationSucceeded" or self.latest[self.strand].endswith("StateExited"):
            original(self, kind, details)

    return [patch.object(Recorder, "note", note)]
