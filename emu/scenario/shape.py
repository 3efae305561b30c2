"""The base of everything that can be written in a scenario file."""

from pydantic import BaseModel, ConfigDict
from pydantic.fields import FieldInfo


class Shape(BaseModel):
    """A mapping of the file with known keys, and the value that it becomes."""

    model_config = ConfigDict(
        extra="forbid",
        frozen=True,
        arbitrary_types_allowed=True,
        defer_build=True,  # the whole file's schema is built once, from its root
        validate_by_name=False,
    )

    @classmethod
    def fields(cls) -> dict[str, FieldInfo]:
        """Return the fields by the keys that people write."""
        return {field.alias or name: field for name, field in cls.model_fields.items()}
