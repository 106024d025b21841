"""The table itself: which cells there are, which were seen, and what is wrong with it."""

from pathlib import Path

from botocore.exceptions import BotoCoreError

import answers
from clients import Refused, client

HERE = Path(__file__).parent


def rows(name, columns):
    """The rows of a table file, without comments: operations, errors or codes, then the other columns."""
    for line in (HERE / name).read_text().splitlines():
        if line and not line.startswith("#"):
            cells = [cell.strip() for cell in line.split("|")]
            assert len(cells) == columns, f"{name}: `{line}` has not {columns} columns"
            for operation in cells[0].split():
                for error in cells[1].split():
                    yield operation, error, cells[2:]


class Table:
    """Operations × errors."""

    def __init__(self, operations, of_the_world):
        self.operations, self.operations_of_the_world = operations, of_the_world
        self.services = {name: service for service, names in operations.items() for name in names}
        self.modelled = {
            (name, shape.name): shape for name in self.services for shape in self.model(name).error_shapes
        }
        self.not_modelled = {(name, error): reason for name, error, (reason,) in rows("not_modelled.txt", 3)}
        self.beyond = {(name, code): rest for name, code, rest in rows("beyond_model.txt", 4)}
        self.raised = {}
        self.complaints = []
        # Every error that a client read: operation, code, status, text.
        self.seen = set()

    def model(self, operation):
        return client(self.services[operation]).meta.service_model.operation_model(operation)

    def complain(self, title, step):
        """Runs a step; what is wrong with it, or with any answer meanwhile, is kept for the end."""
        try:
            step()
        except (AssertionError, BotoCoreError, Refused) as error:
            self.complaints.append(f"{title}: {error}")
        self.complaints += [f"{title}: {what}" for what in answers.complaints()]

    def see(self, operation, error):
        """Keeps an error that was read, and gives its code and status."""
        code = error.response["Error"]["Code"]
        status = error.response["ResponseMetadata"]["HTTPStatusCode"]
        self.seen.add((operation, code, status, error.response["Error"].get("Message", "")))
        return code, status

    def note(self, service, cell, error):
        """Judges a provoked error by the model and gives its code."""
        code, status = self.see(cell.operation, error)
        shape = self.modelled.get((cell.operation, cell.error))
        if shape is None:
            wanted, source = self.beyond.get((cell.operation, cell.error), (None, None))
            assert source, f"`{cell.error}` is neither in the model nor in beyond_model.txt"
            assert (code, str(status)) == (cell.error, wanted), f"{code} with {status}, not {cell.error} with {wanted}"
        else:
            self.judge(service, shape, error, code, status)
        self.raised[cell.operation, cell.error] = (code, status)
        return code

    def judge(self, service, shape, error, code, status):
        modelled = shape.metadata.get("error", {})
        # The JSON protocol has no status in its models: every error of a caller is a 400.
        wanted = modelled.get("httpStatusCode", 400)
        assert code == shape.error_code, f"the code is {code}, the model has {shape.error_code}"
        assert status == wanted, f"the status is {status}, the model has {wanted}"
        kind = getattr(client(service).exceptions, shape.name)
        assert type(error) is kind, f"boto3 raises {type(error).__name__}, not {kind.__name__}"
        if "senderFault" in modelled:
            assert error.response["Error"]["Type"] == "Sender", error.response
        assert error.response["Error"].get("Message"), "there is no text"

    def code_of(self, operation, error):
        return self.modelled[operation, error].error_code

    def wrong(self):
        """All that is wrong with the table."""
        cells, raised, listed = set(self.modelled), set(self.raised), set(self.not_modelled)
        seen = {(operation, code) for operation, code, _, _ in self.seen}
        complaints = [
            (cells - raised - listed, "is neither provoked nor listed in not_modelled.txt"),
            (listed - cells, "is listed in not_modelled.txt and no cell of the model"),
            (
                {cell for cell in listed & cells if (cell[0], self.code_of(*cell)) in seen},
                "is listed in not_modelled.txt and occurs",
            ),
            (set(self.beyond) - raised, "is listed in beyond_model.txt and not provoked"),
            (set(self.beyond) & cells, "is listed in beyond_model.txt and in the model"),
        ]
        told = [f"{name} {error} {what}" for found, what in complaints for name, error in sorted(found)]
        return self.complaints + told

    def for_the_product(self):
        """Every error that was seen, and those of the model that were not: without a text, as they might come."""
        might = {
            (name, self.code_of(name, error), self.modelled[name, error].metadata.get("error", {}).get("httpStatusCode", 400), "")
            for name, error in self.not_modelled
            if (name, error) in self.modelled
        }
        members = ("operation", "code", "status", "message")
        return [dict(zip(members, error)) for error in sorted(self.seen | might)]

    def text(self):
        """The table for people; the same in every run."""
        lines = []
        for service, names in self.operations.items():
            lines += ["", service, ""]
            for name in names:
                lines += self.text_of(name) or [f"{name:33}no error in the model and none provoked"]
        count = len(self.modelled)
        raised = len(set(self.modelled) & set(self.raised))
        summary = f"{count} cells of the model: {raised} raised, {count - raised} not modelled; "
        return "\n".join([summary + f"{len(self.beyond)} beyond the model", *lines])

    def text_of(self, operation):
        cells = [(error, shape.error_code) for (name, error), shape in self.modelled.items() if name == operation]
        lines = []
        for error, code in sorted(cells, key=lambda cell: cell[1]):
            if (operation, error) in self.raised:
                told = f"raised, {self.raised[operation, error][1]}"
            else:
                told = f"not modelled: {self.not_modelled.get((operation, error), 'not listed')}"
            lines.append(f"{operation:33}{code:43}{told}")
        for name, code in sorted(self.beyond):
            if name == operation:
                lines.append(f"{operation:33}{code:43}raised, {self.beyond[name, code][0]}, beyond the model")
        return lines
