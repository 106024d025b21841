"""The two real clients: boto3 in this process, the AWS CLI in a process of its own for each command.

Both are called alike, so that one story can be told by either. Whatever boto3 receives is checked as it arrives, byte
for byte, against botocore's model (`answers.py`).
"""

import contextlib
import gc
import json
import os
import re
import sys
import tempfile

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError

import answers

URL = sys.argv[1]
REGION = "eu-west-1"
ACCOUNT = "000000000000"
BUCKET = "sthree-snapkeep"
TOPIC = f"arn:aws:sns:{REGION}:{ACCOUNT}:snapkeep"
MACHINE = f"arn:aws:states:{REGION}:{ACCOUNT}:stateMachine:wait"
ELASTICACHE = f"arn:aws:elasticache:{REGION}:{ACCOUNT}:"

os.environ |= {
    "AWS_ENDPOINT_URL": URL,
    "AWS_ACCESS_KEY_ID": "test",
    "AWS_SECRET_ACCESS_KEY": "test",
    "AWS_DEFAULT_REGION": REGION,
    "AWS_EC2_METADATA_DISABLED": "true",
    # One attempt: a fault that is armed once must be seen, not repeated away.
    "AWS_MAX_ATTEMPTS": "1",
    "AWS_CONFIG_FILE": os.devnull,
    "AWS_SHARED_CREDENTIALS_FILE": os.devnull,
}

_SESSION = boto3.Session()
_CLIENTS = {}


def client(service):
    """boto3's client of a service, as it comes but for retries, with every answer checked."""
    if service not in _CLIENTS:
        made = _SESSION.client(service, config=Config(retries={"max_attempts": 0}))
        made.meta.events.register(f"before-parse.{made.meta.service_model.service_id.hyphenize()}.*", answers.on_answer)
        _CLIENTS[service] = made
    return _CLIENTS[service]


class Refused(Exception):
    """An error of AWS as the client reports it."""

    def __init__(self, code, message, cause=None):
        super().__init__(f"{code}: {message}")
        self.code, self.message, self.cause = code, message, cause


class Boto:
    """boto3."""

    name = "boto3"

    def call(self, service, operation, **parameters):
        """The parsed answer."""
        made = client(service)
        method = getattr(made, snake(operation))
        try:
            answer = method(**parameters)
        except ClientError as error:
            told = error.response["Error"]
            raise Refused(told["Code"], told.get("Message", ""), error) from error
        answer.pop("ResponseMetadata")
        return answer


class Cli:
    """The AWS CLI, with its own copy of botocore: what `python -m awscli` runs, in a child of this process.

    It is loaded once and forked for each command, since half a second of each would go into its imports.
    """

    name = "AWS CLI"

    def __init__(self):
        from awscli.clidriver import create_clidriver

        self.driver = create_clidriver()
        # One command of each service, so that the children find its model loaded.
        with open(os.devnull, "w") as nowhere, contextlib.redirect_stdout(nowhere):
            for command in (["elasticache", "describe-events"], ["s3api", "list-buckets"]):
                assert self.driver.main(command) == 0, command
        gc.freeze()

    def call(self, service, operation, **parameters):
        """The printed answer, read as JSON."""
        command = ["s3api" if service == "s3" else service, dashed(operation)]
        if operation == "GetObject":
            # A command that writes a file takes no JSON.
            flags = [text for name, value in parameters.items() for text in ("--" + dashed(name), value)]
            return self.run(*command, *flags, os.devnull)
        return self.run(*command, "--cli-input-json", json.dumps(parameters), "--output", "json")

    def run(self, *command):
        """What a command prints, read as JSON."""
        status, out, err = self.fork(list(command))
        if status == 0:
            return json.loads(out or "{}")
        told = re.search(r"An error occurred \((\S+)\) when calling the \w+ operation[^:]*: (.*)", err, re.DOTALL)
        if told is None:
            raise AssertionError(f"aws {' '.join(command)} ended with {status}: {err}")
        raise Refused(told[1], told[2].strip())

    def fork(self, command):
        """Exit status, standard output and standard error of a command."""
        with tempfile.TemporaryFile() as out, tempfile.TemporaryFile() as err:
            child = os.fork()
            if child == 0:
                self._be_the_command(command, out, err)
            _, status = os.waitpid(child, 0)
            out.seek(0)
            err.seek(0)
            return os.waitstatus_to_exitcode(status), out.read().decode(), err.read().decode()

    def _be_the_command(self, command, out, err):
        status = 70
        try:
            os.dup2(out.fileno(), 1)
            os.dup2(err.fileno(), 2)
            sys.stdout, sys.stderr = open(1, "w", closefd=False), open(2, "w", closefd=False)
            status = self.driver.main(command)
            sys.stdout.flush()
            sys.stderr.flush()
        finally:
            os._exit(status)


def snake(operation):
    """`DescribeSnapshots` as boto3 spells it."""
    return re.sub(r"(?<=[a-z0-9])(?=[A-Z])|(?<=[A-Z])(?=[A-Z][a-z])", "_", operation).lower()


def dashed(name):
    """An operation or a parameter as the AWS CLI spells it."""
    return snake(name).replace("_", "-")


def refused(hand, code, text, service, operation, **parameters):
    """Checks that a call is refused with this code and a message that contains this text."""
    try:
        answer = hand.call(service, operation, **parameters)
    except Refused as error:
        assert error.code == code and text in error.message, f"{operation} {parameters}: {error}, not {code}: …{text}…"
        return
    raise AssertionError(f"{operation} {parameters} is not refused with {code} but answered {answer}")
