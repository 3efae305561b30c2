"""What can be expected of a step: one module for each kind; copy one to add another.

An expectation is a shape of the file with two methods: `problems` before anything runs, and
`watch`, which gives the `Watch` that takes note while the step runs and judges when it is over.
"""
