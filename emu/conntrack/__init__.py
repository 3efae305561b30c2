"""Connection tracking: which connection a packet belongs to, and what that says of it.

One tracker has one policy, a value that says whose behaviour it has.
"""
