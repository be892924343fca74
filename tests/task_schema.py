"""The part of the Task Scheduler's published schema (MS-TSCH 2.5) that posekit can use, and a checker."""

from __future__ import annotations

import re
from xml.etree import ElementTree as Tree

SPACE = "{http://schemas.microsoft.com/windows/2004/02/mit/task}"
BOOLEAN = r"true|false|1|0"
DURATION = r"P(?=.)(\d+Y)?(\d+M)?(\d+D)?(T(?=.)(\d+H)?(\d+M)?(\d+(\.\d+)?S)?)?"
TEXT, FILLED = r"(?s).*", r"(?s).+"

Kind = tuple[str, dict[str, "tuple[object, bool]"], tuple[str, ...]]
"""`all` (any order, each once) or `sequence`; elements, their type and whether they must be; attributes."""

RESTART: Kind = (
    "all",
    {"Interval": (DURATION, True), "Count": (r"[1-9]\d?|1\d\d|2[0-4]\d|25[0-5]", True)},
    (),
)
IDLE: Kind = (
    "all",
    {
        "Duration": (DURATION, False),
        "WaitTimeout": (DURATION, False),
        "StopOnIdleEnd": (BOOLEAN, False),
        "RestartOnIdle": (BOOLEAN, False),
    },
    (),
)
SETTINGS: Kind = (
    "all",
    {
        "AllowStartOnDemand": (BOOLEAN, False),
        "RestartOnFailure": (RESTART, False),
        "MultipleInstancesPolicy": ("Parallel|Queue|IgnoreNew|StopExisting", False),
        "DisallowStartIfOnBatteries": (BOOLEAN, False),
        "StopIfGoingOnBatteries": (BOOLEAN, False),
        "AllowHardTerminate": (BOOLEAN, False),
        "StartWhenAvailable": (BOOLEAN, False),
        "NetworkProfileName": (TEXT, False),
        "RunOnlyIfNetworkAvailable": (BOOLEAN, False),
        "WakeToRun": (BOOLEAN, False),
        "Enabled": (BOOLEAN, False),
        "Hidden": (BOOLEAN, False),
        "DeleteExpiredTaskAfter": (DURATION, False),
        "IdleSettings": (IDLE, False),
        "ExecutionTimeLimit": (DURATION, False),
        "Priority": (r"\d|10", False),
        "RunOnlyIfIdle": (BOOLEAN, False),
    },
    (),
)
LOGON: Kind = (
    "sequence",  # those of triggerBaseType first, then its own
    {
        "Enabled": (BOOLEAN, False),
        "StartBoundary": (FILLED, False),
        "EndBoundary": (FILLED, False),
        "ExecutionTimeLimit": (DURATION, False),
        "UserId": (FILLED, False),
        "Delay": (DURATION, False),
    },
    ("id",),
)
PRINCIPAL: Kind = (
    "all",
    {
        "UserId": (FILLED, False),
        "LogonType": ("S4U|Password|InteractiveToken|InteractiveTokenOrPassword", False),
        "GroupId": (FILLED, False),
        "DisplayName": (TEXT, False),
        "RunLevel": ("LeastPrivilege|HighestAvailable", False),
    },
    ("id",),
)
EXEC: Kind = (
    "all",
    {"Command": (FILLED, True), "Arguments": (TEXT, False), "WorkingDirectory": (TEXT, False)},
    ("id",),
)
REGISTRATION: Kind = (
    "all",
    dict.fromkeys(("URI", "Source", "Author", "Version", "Date", "Description"), (TEXT, False)),
    (),
)
TASK: Kind = (
    "all",
    {
        "RegistrationInfo": (REGISTRATION, False),
        "Triggers": (("sequence", {"LogonTrigger": (LOGON, False)}, ()), False),
        "Settings": (SETTINGS, False),
        "Principals": (("sequence", {"Principal": (PRINCIPAL, True)}, ()), False),
        "Actions": (("sequence", {"Exec": (EXEC, True)}, ("Context",)), True),
    },
    ("version",),
)


def faults(task: bytes) -> list[str]:
    """Return what the schema does not allow in a task."""
    root = Tree.fromstring(task)
    if root.tag != f"{SPACE}Task":
        return [f"the root is {root.tag}"]
    found = list(_faults(root, TASK, "Task"))
    principals = [one.get("id") for one in root.iter(f"{SPACE}Principal")]
    context = root.find(f"{SPACE}Actions").get("Context")
    return found + ([] if context in principals else [f"Actions: nobody is {context}"])


def _faults(element: Tree.Element, kind: Kind, path: str):
    order, elements, attributes = kind
    names = [child.tag.removeprefix(SPACE) for child in element]
    for name in element.attrib:
        if name not in attributes:
            yield f"{path}: attribute {name}"
    for name in dict.fromkeys(names):
        if names.count(name) > 1:
            yield f"{path}/{name}: more than once"
        if name not in elements:
            yield f"{path}/{name}: unknown"
    if order == "sequence" and (known := [name for name in elements if name in names]) != names:
        yield f"{path}: {names}, and not {known}"
    yield from (
        f"{path}/{name}: missing" for name, (_, must) in elements.items() if must and name not in names
    )
    for child in element:
        name = child.tag.removeprefix(SPACE)
        inner = elements.get(name, (TEXT, False))[0]
        if isinstance(inner, tuple):
            yield from _faults(child, inner, f"{path}/{name}")
        elif len(child) or not re.fullmatch(str(inner), child.text or ""):
            yield f"{path}/{name}: {child.text!r}"
