from emu.lab import through as through

__version__: str
__all__ = ["through"]
