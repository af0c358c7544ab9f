"""Makes ``signatures.json`` from the shared table: ``make_signatures.py reascript_api.json``."""

import json
import sys
from pathlib import Path
from typing import Any

TARGET = Path(__file__).with_name("signatures.json")


def condensed(table: dict[str, Any]) -> dict[str, Any]:
    """What the double needs of reascript_api.json: one short row per function, and the keys."""
    functions = {name: _row(entry) for name, entry in table["functions"].items()}
    keys = {kind: list(rows) for kind, rows in table["keys"].items()}
    return {"functions": functions, "keys": keys}


def text(table: dict[str, Any]) -> str:
    """The file's text: a line per function."""
    made = condensed(table)
    rows = (f"  {json.dumps(name)}: {json.dumps(row)}" for name, row in made["functions"].items())
    functions = ",\n".join(rows)
    keys = ",\n".join(f"  {json.dumps(kind)}: {json.dumps(k)}" for kind, k in made["keys"].items())
    return f'{{"functions": {{\n{functions}\n}},\n"keys": {{\n{keys}\n}}}}\n'


def _row(entry: dict[str, Any]) -> dict[str, Any]:
    lua, since = entry["lua"], entry["min_version"]
    return {
        "use": entry["use"],
        "since": since["exact"] or since["by"],
        "args": [[arg["name"], arg["type"], arg["optional"]] for arg in lua["args"]],
        "returns": [
            [value["name"], value["type"], value["nilable"] or value["optional"]]
            for value in lua["returns"]
        ],
        "c": entry.get("c"),
        "python": _python(entry["python"]),
    }


def _python(python: dict[str, Any] | None) -> dict[str, Any] | None:
    """``args`` as ``[name, kind]`` and what the wrapper gives back."""
    if python is None:
        return None
    args = [[arg["name"], arg["kind"]] for arg in python["args"]]
    return {"args": args, "returns": python["returns"]}


if __name__ == "__main__":
    TARGET.write_text(text(json.loads(Path(sys.argv[1]).read_text("utf-8"))), "utf-8")
