"""What a step can do: one module for each kind; copy one to add another.

An action is a value of the file with three methods: `title` for a step without a name, `problems`
before anything runs, and `perform`, which begins what the runner then lets come to its end.
"""
