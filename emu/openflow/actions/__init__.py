"""The actions and instructions of flows: frozen values, their text, and what they demand.

A module for each kind of them; `wire.py` is what OpenFlow makes of them on the way to the switch,
`parse.py` reads a list.
"""
