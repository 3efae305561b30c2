"""A scenario file: from YAML to typed values to a run with verdicts."""
