from emu.lab import through as through

__all__ = ["through"]
