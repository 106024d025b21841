"""Faults that any operation can have, and whether botocore's own retry handlers see them for what they are.

Nothing is repeated here: botocore is asked whether it would. Its `legacy` mode is the default, its `standard` mode what
all newer SDKs do.
"""

import copy

import boto3
from botocore.config import Config
from botocore.exceptions import ClientError, ConnectionClosedError
from botocore.retries.standard import RetryContext, ThrottledRetryableChecker, TransientRetryableChecker

import desk
from cells import SERVERLESS_STOCK, STOCK
from clients import BUCKET, ELASTICACHE, TOPIC, client, snake

_OBJECT, _ARN = {"Bucket": BUCKET, "Key": "here"}, {"ResourceName": f"{ELASTICACHE}snapshot:{STOCK}"}
_SERVERLESS = {"ServerlessCacheSnapshotName": SERVERLESS_STOCK}

# What each operation is asked for; operations that are not here are asked for nothing.
REQUESTS = {
    "CreateSnapshot": {"SnapshotName": "never", "CacheClusterId": "orders-001"},
    "CopySnapshot": {"SourceSnapshotName": STOCK, "TargetSnapshotName": "never"},
    "DeleteSnapshot": {"SnapshotName": STOCK},
    "CreateServerlessCacheSnapshot": {"ServerlessCacheSnapshotName": "never", "ServerlessCacheName": "catalog"},
    "ExportServerlessCacheSnapshot": {**_SERVERLESS, "S3BucketName": BUCKET},
    "DeleteServerlessCacheSnapshot": _SERVERLESS,
    "ListTagsForResource": _ARN,
    "AddTagsToResource": {**_ARN, "Tags": [{"Key": "a", "Value": "b"}]},
    "HeadBucket": {"Bucket": BUCKET},
    "GetBucketLocation": {"Bucket": BUCKET},
    "PutObject": {**_OBJECT, "Body": b"never"},
    "GetObject": _OBJECT,
    "HeadObject": _OBJECT,
    "DeleteObject": _OBJECT,
    "DeleteObjects": {"Bucket": BUCKET, "Delete": {"Objects": [{"Key": "here"}]}},
    "ListObjectsV2": {"Bucket": BUCKET},
    "ListObjectVersions": {"Bucket": BUCKET},
    "PutObjectTagging": {**_OBJECT, "Tagging": {"TagSet": []}},
    "GetObjectTagging": _OBJECT,
    "DeleteObjectTagging": _OBJECT,
    "Publish": {"TopicArn": TOPIC, "Message": "never"},
}

THROTTLED, TRANSIENT, FINAL = "throttled", "transient", "final"
_UNAVAILABLE = {"Answer": {"status": 503, "code": "ServiceUnavailable", "message": "Please try again."}}
_CONFLICT = {"Answer": {"status": 409, "code": "ConditionalRequestConflict", "message": "Two writes met."}}

# Fault, code and status by service, and how botocore sees it. Sources of codes: `sim::world::Operation`, ElastiCache's
# API reference (*Common errors*), S3's (*Error responses*), SNS's (*Common errors*).
FAULTS = [
    (
        "Throttle",
        {"elasticache": ("Throttling", 400), "s3": ("SlowDown", 503), "sns": ("Throttling", 400)},
        THROTTLED,
    ),
    (
        "ErrorBefore",
        {"elasticache": ("InternalFailure", 500), "s3": ("InternalError", 500), "sns": ("InternalError", 500)},
        TRANSIENT,
    ),
    (
        _UNAVAILABLE,
        {service: ("ServiceUnavailable", 503) for service in ("elasticache", "s3", "sns")},
        TRANSIENT,
    ),
    (
        "Denied",
        {"elasticache": ("AccessDenied", 403), "s3": ("AccessDenied", 403), "sns": ("AuthorizationError", 403)},
        FINAL,
    ),
    (
        "Expired",
        {"elasticache": ("ExpiredToken", 403), "s3": ("ExpiredToken", 400), "sns": ("ExpiredToken", 403)},
        FINAL,
    ),
    (_CONFLICT, {"s3": ("ConditionalRequestConflict", 409)}, FINAL),
]

# No answer to a HEAD has a body: the status is the code, and a 503 is transient whatever was meant.
_HEADS = ("HeadBucket", "HeadObject")

# boto3 takes a bare 400 to a HEAD for a bucket in another Region: it looks for the Region and asks once more.
_REDIRECTED = ("HeadObject", "Expired")

_RETRYING = {}


def _retrying(service, mode):
    """A client that would retry in a mode; it is asked and never calls."""
    if (service, mode) not in _RETRYING:
        settings = Config(retries={"mode": mode, "total_max_attempts": 3})
        _RETRYING[service, mode] = boto3.client(service, config=settings)
    return _RETRYING[service, mode]


def faults(table):
    """Every fault at every operation of the world."""
    wrong = []
    for operation, service in table.services.items():
        if service == "stepfunctions" or operation not in table.operations_of_the_world:
            continue
        for fault, answers, seen_as in FAULTS:
            if service in answers:
                wrong += _fault(table, operation, fault, answers[service], seen_as)
        wrong += _lost_request(operation, service)
    assert not wrong, "\n".join(wrong)


def _fault(table, operation, fault, answer, seen_as):
    service = table.services[operation]
    redirected = (operation, fault) == _REDIRECTED
    desk.ask("arm", operation=operation, fault=fault, times=2 if redirected else 1)
    attempt, error = _attempt(service, operation)
    where = f"{operation} under {fault}"
    if not isinstance(error, ClientError):
        return [f"{where}: {error!r}"]
    code, status = answer
    if operation in _HEADS:
        code, seen_as = str(status), TRANSIENT if seen_as == THROTTLED else seen_as
    wrong = []
    if table.see(operation, error) != (code, status):
        wrong.append(f"{where} is {table.see(operation, error)}, not {(code, status)}")
    if judged(attempt) != seen_as:
        wrong.append(f"{where}: botocore sees {code} as {judged(attempt)}, not as {seen_as}")
    for mode in () if redirected else ("legacy", "standard"):
        if would_retry(service, mode, attempt) != (seen_as != FINAL):
            wrong.append(f"{where}: in its {mode} mode botocore retries wrongly")
    return wrong


def _lost_request(operation, service):
    desk.ask("arm", operation=operation, fault="LostRequest", times=1)
    attempt, error = _attempt(service, operation)
    if not isinstance(error, ConnectionClosedError) or judged(attempt) != TRANSIENT:
        return [f"{operation}: a lost request is {error!r}, seen as {judged(attempt)}"]
    return []


def _attempt(service, operation, made=None):
    """What botocore hands to its retry handler after the one attempt, and the error that it raises then."""
    made = made or client(service)
    attempts = []

    def keep(**told):
        # A copy, for the parsed answer is changed on its way to the caller.
        attempts.append({name: copy.copy(value) for name, value in told.items()})

    event = f"needs-retry.{made.meta.service_model.service_id.hyphenize()}.{operation}"
    made.meta.events.register_first(event, keep)
    try:
        answer = getattr(made, snake(operation))(**REQUESTS.get(operation, {}))
        return attempts[-1], AssertionError(f"answered {answer}")
    except (ClientError, ConnectionClosedError) as error:
        return attempts[-1], error
    finally:
        made.meta.events.unregister(event, keep)


def judged(attempt):
    """How botocore's standard retry handler classes an attempt."""
    http_response, parsed = attempt["response"] or (None, None)
    context = RetryContext(
        attempt_number=1,
        operation_model=attempt["operation"],
        parsed_response=parsed,
        http_response=http_response,
        caught_exception=attempt["caught_exception"],
    )
    if ThrottledRetryableChecker().is_retryable(context):
        return THROTTLED
    return TRANSIENT if TransientRetryableChecker().is_retryable(context) else FINAL


def would_retry(service, mode, attempt):
    """Whether a client in that mode would try again after this attempt."""
    made = _retrying(service, mode)
    name = f"needs-retry.{made.meta.service_model.service_id.hyphenize()}.{attempt['operation'].name}"
    told = {name: value for name, value in attempt.items() if name != "event_name"}
    answers = made.meta.events.emit(name, **{**told, "attempts": 1, "request_dict": {"context": {}}})
    return any(delay not in (None, False) for _, delay in answers)


# Service, operation, body of a request that nobody can read, code, status.
_UNREADABLE = [
    ("elasticache", "DescribeEvents", b"%%%", "MissingAction", 400),
    ("sns", "ListTopics", b"%%%", "MissingAction", 400),
    ("s3", "PutObjectTagging", b"<Tagging", "MalformedXML", 400),
    ("stepfunctions", "ListStateMachines", b"{", "SerializationException", 400),
]

# Service, operation, and how it refuses an access key that it does not know.
_STRANGERS = [
    ("elasticache", "DescribeEvents", "InvalidClientTokenId", 403),
    ("sns", "ListTopics", "InvalidClientTokenId", 403),
    ("s3", "ListBuckets", "InvalidAccessKeyId", 403),
    ("stepfunctions", "ListStateMachines", "UnrecognizedClientException", 400),
]


def strangers(table):
    """Requests that cannot be read, and callers that are not known: refused for good, by each service in its words."""
    wrong = []
    for service, operation, body, code, status in _UNREADABLE:
        made = boto3.client(service, config=Config(retries={"max_attempts": 0}))

        def spoil(params, body=body, **_):
            params["body"] = body

        made.meta.events.register(f"before-call.{made.meta.service_model.service_id.hyphenize()}.{operation}", spoil)
        wrong += _refusal(table, service, operation, made, (code, status))
    for service, operation, code, status in _STRANGERS:
        settings = Config(retries={"max_attempts": 0})
        made = boto3.client(service, aws_access_key_id="stranger", aws_secret_access_key="test", config=settings)
        wrong += _refusal(table, service, operation, made, (code, status))
    assert not wrong, "\n".join(wrong)


def _refusal(table, service, operation, made, wanted):
    attempt, error = _attempt(service, operation, made)
    if not isinstance(error, ClientError):
        return [f"{operation}: {error!r}"]
    seen = table.see(operation, error)
    wrong = [f"{operation} is refused with {seen}, not {wanted}"] if seen != wanted else []
    if judged(attempt) != FINAL:
        wrong.append(f"{operation}: {seen} is retried")
    return wrong
