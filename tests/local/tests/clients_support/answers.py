"""Every answer as it lies on the wire, against botocore's model of it.

botocore's parser drops what it does not know: an element that is misspelt would simply be absent. So each answer is
walked here before botocore sees it: every element must be a member of the model, once, of the right form, and what AWS
always sends (`always.py`, and what the model calls required) must be there.
"""

import json
import re
import xml.etree.ElementTree as ElementTree
from email.utils import parsedate_to_datetime

from always import ALWAYS, ALWAYS_BESIDE, values_of

# Kind of a scalar: what its text must look like.
_FORMS = {
    "integer": r"-?\d+",
    "long": r"-?\d+",
    "boolean": r"true|false",
    "timestamp": r"\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(\.\d{1,3})?Z",
    "string": r"(?s).*",
}

# Answers whose body is no structure, by operation.
_BARE_BODIES = {
    "GetBucketLocation": "the root element is itself the constraint, which botocore reads by hand",
    "GetBucketPolicy": "the body is the policy",
}

# S3's errors without a text, by code.
_WITHOUT_TEXT = {"KeyTooLongError": "the crate that speaks the protocol refuses such a key before the world sees it"}

COUNTS = {"answers": 0, "elements": 0, "errors": 0}
"""How much was looked at."""

_complaints = []


def complaints():
    """What was found wrong since the last time, once."""
    found = list(dict.fromkeys(_complaints))
    _complaints.clear()
    return found


def on_answer(operation_model, response_dict, **_):
    """Looks at an answer before botocore parses it."""
    body, status = response_dict["body"], response_dict["status_code"]
    where = operation_model.name
    if status >= 300:
        COUNTS["errors"] += 1
        if isinstance(body, bytes) and body:
            _check_error(operation_model, body, where)
        return
    COUNTS["answers"] += 1
    shape = operation_model.output_shape
    protocol = operation_model.service_model.resolved_protocol
    if protocol == "rest-xml":
        _check_headers(shape, response_dict["headers"], where)
    if operation_model.has_streaming_output or where in _BARE_BODIES:
        return
    if protocol == "json":
        _walk_json(json.loads(body), shape, where)
    elif body:
        _check_xml(operation_model, ElementTree.fromstring(body), where)


def _complain(where, what):
    _complaints.append(f"{where}: {what}")


def _check_xml(operation_model, root, where):
    namespace = operation_model.metadata.get("xmlNamespace") or _namespace_of_rest(operation_model)
    for element in root.iter():
        space, _, name = element.tag.rpartition("}")
        if space != "{" + namespace:
            _complain(where, f"`{name}` is in the namespace `{space[1:]}`, not `{namespace}`")
        element.tag = name
    shape = operation_model.output_shape
    if "resultWrapper" in shape.serialization:
        wrapper = shape.serialization["resultWrapper"]
        found = [root.tag] + [child.tag for child in root]
        if found != [f"{operation_model.name}Response", wrapper, "ResponseMetadata"]:
            _complain(where, f"the answer is wrapped in {found}")
            return
        root = root[0]
    _walk(root, shape, where)


def _namespace_of_rest(operation_model):
    # botocore's model of S3 has its namespace only with requests; the answers have the same.
    return "http://s3.amazonaws.com/doc/2006-03-01/"


def _element_name(member_name, shape):
    if shape.type_name == "list" and shape.serialization.get("flattened"):
        return shape.member.serialization.get("name") or shape.serialization.get("name", member_name)
    return shape.serialization.get("name", member_name)


def _walk(element, shape, where):
    COUNTS["elements"] += 1
    if shape.type_name == "structure":
        _walk_structure(element, shape, where)
    elif shape.type_name == "list":
        item = shape.member.serialization.get("name", "member")
        for child in element:
            if child.tag != item:
                _complain(where, f"an item is called `{child.tag}`, not `{item}`")
            else:
                _walk(child, shape.member, f"{where}[]")
    else:
        if len(element):
            _complain(where, f"a {shape.type_name} has elements in it")
        _check_scalar(element.text or "", shape, where)


def _walk_structure(element, shape, where):
    members = {
        _element_name(name, member): (name, member)
        for name, member in shape.members.items()
        if "location" not in member.serialization
    }
    present = set()
    for child in element:
        if child.tag not in members:
            _complain(where, f"`{child.tag}` is no member of the model's `{shape.name}`")
            continue
        name, member = members[child.tag]
        flattened = member.type_name == "list" and member.serialization.get("flattened")
        if name in present and not flattened:
            _complain(where, f"`{child.tag}` is there twice")
        present.add(name)
        _walk(child, member.member if flattened else member, f"{where}.{name}")
    _check_present(present, shape, where, {name for name, _ in members.values()})


def _check_present(present, shape, where, possible):
    wanted = set(shape.required_members) | set(ALWAYS.get(shape.name, ()))
    for beside, members in ALWAYS_BESIDE.get(shape.name, {}).items():
        if beside in present:
            wanted |= set(members)
    for name in sorted((wanted & possible) - present):
        _complain(where, f"`{name}` is missing, which AWS always sends")


def _check_scalar(text, shape, where):
    form = _FORMS.get(shape.type_name)
    if form is None:
        _complain(where, f"a {shape.type_name} is not expected")
    elif re.fullmatch(form, text) is None:
        _complain(where, f"`{text}` is no {shape.type_name}")
    elif (known := values_of(where, shape)) and text not in known:
        _complain(where, f"`{text}` is none of {sorted(known)}, and not listed among the unmodelled values")


def _walk_json(value, shape, where):
    COUNTS["elements"] += 1
    expected = {"structure": dict, "list": list, "map": dict, "string": str, "boolean": bool, "integer": int, "long": int}
    kind = expected.get(shape.type_name, (int, float))
    if not isinstance(value, kind) or (kind is int and isinstance(value, bool)):
        _complain(where, f"`{value}` is no {shape.type_name}")
    elif shape.type_name == "structure":
        members = {_element_name(name, member): (name, member) for name, member in shape.members.items()}
        for name in value.keys() - members.keys():
            _complain(where, f"`{name}` is no member of the model's `{shape.name}`")
        for name in value.keys() & members.keys():
            _walk_json(value[name], members[name][1], f"{where}.{name}")
        present = {members[name][0] for name in value.keys() & members.keys()}
        _check_present(present, shape, where, set(shape.members))
    elif shape.type_name == "list":
        for item in value:
            _walk_json(item, shape.member, f"{where}[]")
    elif shape.type_name == "string":
        _check_scalar(value, shape, where)


def _check_headers(shape, headers, where):
    present = set()
    for name, member in shape.members.items():
        header = member.serialization.get("name", name)
        if member.serialization.get("location") != "header" or header not in headers:
            continue
        present.add(name)
        text = headers[header]
        if member.type_name == "timestamp":
            # Raises on a date that is none; S3 writes dates in headers as HTTP does.
            parsedate_to_datetime(text)
        else:
            _check_scalar(text, member, f"{where}.{name}")
    placed = {name for name, member in shape.members.items() if member.serialization.get("location") == "header"}
    _check_present(present, shape, where, placed)


def _check_error(operation_model, body, where):
    protocol = operation_model.service_model.resolved_protocol
    if protocol == "json":
        error = json.loads(body)
        if set(error) != {"__type", "message"}:
            _complain(where, f"an error has the members {sorted(error)}")
        return
    root = ElementTree.fromstring(body)
    tags = [element.tag.rpartition("}")[2] for element in root]
    if protocol == "rest-xml":
        allowed = {"Code", "Message", "Resource", "RequestId", "HostId", "Key", "BucketName", "Region"}
        wanted = {"Code"} if root.findtext("Code") in _WITHOUT_TEXT else {"Code", "Message"}
        if root.tag != "Error" or not wanted <= set(tags) <= allowed:
            _complain(where, f"an error is {root.tag} of {tags}")
        return
    inner = [element.tag.rpartition("}")[2] for element in root[0]]
    if root.tag.rpartition("}")[2] != "ErrorResponse" or tags != ["Error", "RequestId"]:
        _complain(where, f"an error is {root.tag} of {tags}")
    if inner != ["Type", "Code", "Message"] or root[0][0].text not in ("Sender", "Receiver"):
        _complain(where, f"an error tells {inner}")
