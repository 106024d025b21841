"""A function that does what its event says: stands in for the real binaries where a test needs a broken one."""

import http.client
import json
import os
import sys
import time

HOST = os.environ["AWS_LAMBDA_RUNTIME_API"]
BASE = "/2018-06-01/runtime"


def call(method, path, body=None):
    connection = http.client.HTTPConnection(HOST)
    connection.request(method, BASE + path, body)
    answer = connection.getresponse()
    return answer.headers, answer.read()


def post(path, value):
    call("POST", path, json.dumps(value))


if "fails-to-start" in os.environ["AWS_LAMBDA_FUNCTION_NAME"]:
    post("/init/error", {"errorType": "Test.NoStart", "errorMessage": "no start"})
    sys.exit(1)

while True:
    headers, event = call("GET", "/invocation/next")
    request = headers["Lambda-Runtime-Aws-Request-Id"]
    event = json.loads(event)
    deed = event.get("do", "echo") if isinstance(event, dict) else "echo"
    print(json.dumps(event), flush=True)
    if deed == "exit":
        sys.exit(event["code"])
    if deed == "sleep":
        time.sleep(event["seconds"])
    once = event.get("failUnless") if isinstance(event, dict) else None
    if deed == "fail" or (once and not os.path.exists(once)):
        post(f"/invocation/{request}/error", {"errorType": event.get("error", "Test.Failed"), "errorMessage": "as told"})
    elif deed == "garbage":
        call("POST", f"/invocation/{request}/response", "{not json")
    else:
        answer = {"pid": os.getpid(), "event": event, "environment": dict(os.environ)}
        answer["headers"] = {name.lower(): value for name, value in headers.items()}
        post(f"/invocation/{request}/response", answer)
