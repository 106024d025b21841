"""The table of operations and errors, judged by botocore's model; then the faults that any operation can have.

Run as `python -m errors <url>`; the table goes to standard error, what is wrong below it.
"""

import sys

from botocore.exceptions import ClientError

import desk
from cells import BESIDE_THE_WORLD, CELLS
from clients import Boto, Cli, Refused
from faults import faults, strangers
from stage import prepare
from table import Table


def main():
    of_the_world = desk.ask("operations")
    table = Table(operations(of_the_world), {name for names in of_the_world.values() for name in names})
    prepare()
    cli = Cli()
    for service, cells in CELLS.items():
        for cell in cells:
            table.complain(f"{cell.operation} {cell.error}", lambda: provoke(table, cli, service, cell))
    table.complain("faults", lambda: faults(table))
    table.complain("strangers", lambda: strangers(table))
    desk.ask("judge", answers=table.for_the_product())
    print(table.text())
    wrong = table.wrong()
    if wrong:
        sys.exit("\n".join(wrong))


def operations(modelled):
    """All operations of the endpoint by service: those of the world, and those beside it."""
    services = {service: modelled.get(service, []) + BESIDE_THE_WORLD.get(service, []) for service in CELLS}
    assert set(modelled) <= set(services), f"a service is new: {set(modelled) - set(services)}"
    return services


def provoke(table, cli, service, cell):
    """Has the call refused with boto3 and with the AWS CLI, and notes what came."""
    for hand in (Boto(), cli):
        set_the_scene(cell)
        try:
            answer = hand.call(service, cell.operation, **cell.parameters)
        except Refused as refusal:
            if isinstance(refusal.cause, ClientError):
                seen = table.note(service, cell, refusal.cause)
            else:
                assert refusal.code == seen, f"the AWS CLI sees {refusal.code}, boto3 sees {seen}"
        else:
            raise AssertionError(f"{hand.name} is not refused: {answer}")
        finally:
            strike_the_scene(cell)


def set_the_scene(cell):
    if cell.status:
        desk.ask("status", id=cell.status[0], status=cell.status[1])
    if cell.wish:
        desk.ask("arm", operation=cell.operation, times=1, **cell.wish)


def strike_the_scene(cell):
    if cell.status:
        desk.ask("status", id=cell.status[0], status="available")


if __name__ == "__main__":
    main()
