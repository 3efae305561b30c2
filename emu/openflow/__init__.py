"""OpenFlow as Open vSwitch 3.1 has it: flows in text, matching, tables, translation."""
