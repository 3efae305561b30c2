"""`python -m emu` is the command `emu`."""

from emu.cli import main

main()
