"""`emu schema`."""

import json

from emu.scenario import json_schema


def print_schema() -> None:
    """Print the JSON Schema of scenario files."""
    print(json.dumps(json_schema(), indent=2))
