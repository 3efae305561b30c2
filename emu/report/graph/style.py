"""The colours of a topology: light ones, and dark ones for readers whose screen is dark."""

from typing import Final

# A hue for each of the first eight networks: line and dark line (they repeat after that)
PALETTE: Final = (
    ("#0969da", "#58a6ff"),  # blue
    ("#1a7f37", "#3fb950"),  # green
    ("#bc4c00", "#f0883e"),  # orange
    ("#8250df", "#bc8cff"),  # purple
    ("#bf3989", "#f778ba"),  # pink
    ("#0e7490", "#39c5cf"),  # cyan
    ("#9a6700", "#d29922"),  # yellow
    ("#cf222e", "#ff7b72"),  # red
)
# ... and of the wires of the first four switches: gray, brown, steel, plum
WIRES: Final = (
    ("#424a53", "#b7bdc8"),
    ("#953800", "#d4a27f"),
    ("#0550ae", "#79a8d8"),
    ("#6e3aa7", "#b39ddb"),
)
SHADES: Final = len(WIRES)


def _hues(*, dark: bool) -> str:
    return "".join(
        f".n{number}{{stroke:{pair[dark]}}}.bridge.n{number},.dot.n{number}{{fill:{pair[dark]}}}"
        for number, pair in enumerate(PALETTE)
    ) + "".join(
        f".w{number}{{stroke:{pair[dark]}}}.dot.w{number}{{fill:{pair[dark]}}}"
        for number, pair in enumerate(WIRES)
    )


LIGHT: Final = (
    ".paper{fill:#fff}text{fill:#1f2328}.note{fill:#59636e}"
    ".host{fill:#f6f8fa;stroke:#c0c8d0}.core{fill:#eaeef2;stroke:#59636e}"
    ".none{stroke:#818b98}.bridge.none,.dot.none{fill:#818b98}"
    ".netdev,.plug{fill:#fff}.vm{fill:#fff;stroke:#59636e}.namespace{fill:#fff;stroke:#59636e}"
)
DARK: Final = (
    ".paper{fill:#0d1117}text{fill:#e6edf3}.note{fill:#9198a1}"
    ".host{fill:#151b23;stroke:#3d444d}.core{fill:#262c36;stroke:#9198a1}"
    ".none{stroke:#656c76}.bridge.none,.dot.none{fill:#656c76}"
    ".netdev,.plug{fill:#0d1117}.vm{fill:#0d1117;stroke:#9198a1}"
    ".namespace{fill:#0d1117;stroke:#9198a1}"
)
SHAPES: Final = (
    ".name{font-weight:bold}path{fill:none;stroke-width:1.5}.wire{stroke-width:2}"
    ".bridge{fill-opacity:.15;stroke-width:1.5}.vm{stroke-width:1.5}"
    ".namespace{stroke-dasharray:4 3}"
)
STYLE: Final = (
    f"{SHAPES}{LIGHT}{_hues(dark=False)}"
    f"@media(prefers-color-scheme:dark){{{DARK}{_hues(dark=True)}}}"
)
