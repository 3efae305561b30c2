"""A ladder as SVG: columns with their names on top, an arrow for each frame, times on the left."""

from typing import Final

from emu.report.ladder.conversation import Arrow, Conversation, Event, Mark
from emu.report.svg import (
    LARGE,
    NORMAL,
    SMALL,
    Line,
    Rect,
    Shape,
    Text,
    render_drawing,
    widest,
    width_of,
)

MARGIN: Final = 24
ROW: Final = 26  # from arrow to arrow
PAUSE: Final = 34  # for a break
HEAD: Final = 40  # the height of a column's name
TIP: Final = 6  # of an arrow
NARROWEST: Final = 90  # from column to column
SECOND: Final = 1_000_000_000

PROTOCOLS: Final = {  # line and dark line
    "arp": ("#9a6700", "#d29922"),
    "icmp": ("#0969da", "#58a6ff"),
    "tcp": ("#1a7f37", "#3fb950"),
    "udp": ("#8250df", "#bc8cff"),
    "other": ("#59636e", "#9198a1"),
}


def _colours(*, dark: bool) -> str:
    return "".join(
        f".{name}{{stroke:{pair[dark]}}}.tip.{name}{{fill:{pair[dark]}}}"
        for name, pair in PROTOCOLS.items()
    )


STYLE: Final = (
    ".name{font-weight:bold}path{fill:none;stroke-width:1.5}.rail{stroke-dasharray:2 4}"
    ".said{paint-order:stroke;stroke-width:4;stroke-linejoin:round}.head{stroke-width:1}"
    ".paper{fill:#fff}text{fill:#1f2328}.note{fill:#59636e}.said{stroke:#fff}"
    ".head{fill:#eaeef2;stroke:#59636e}.rail{stroke:#afb8c1}.pause{fill:#f6f8fa;stroke:#d1d9e0}"
    ".bad{stroke:#cf222e;stroke-width:2.5}text.why{fill:#cf222e}.mild{stroke:#818b98}"
    f"{_colours(dark=False)}"
    "@media(prefers-color-scheme:dark){.paper{fill:#0d1117}text{fill:#e6edf3}.note{fill:#9198a1}"
    ".said{stroke:#0d1117}.head{fill:#262c36;stroke:#9198a1}.rail{stroke:#3d444d}"
    ".pause{fill:#151b23;stroke:#3d444d}.bad{stroke:#ff7b72}text.why{fill:#ff7b72}"
    ".mild{stroke:#656c76}"
    f"{_colours(dark=True)}}}"
)


def render_ladder_svg(conversation: Conversation) -> str:
    """Return the picture."""
    return _Picture(conversation).render()


class _Picture:
    def __init__(self, conversation: Conversation) -> None:
        self._conversation = conversation
        self._index = {party.name: number for number, party in enumerate(conversation.parties)}
        self._shapes: list[Shape] = []
        self._at = self._columns()
        self._right = self._at[-1] + NARROWEST // 2 if self._at else 400
        self._told: dict[str, None] = {}  # packets

    def _columns(self) -> list[int]:
        """Return where each column is: far enough from the one before for what lies between."""
        parties = self._conversation.parties
        halves = [max(width_of(p.short), width_of(p.place, SMALL)) // 2 + 10 for p in parties]
        gaps = [NARROWEST] * len(parties)
        for number in range(1, len(parties)):
            gaps[number] = max(NARROWEST, halves[number - 1] + halves[number] + 12)
        for event in self._conversation.events:
            if isinstance(event, Arrow):
                left, right = sorted((self._index[event.source], self._index[event.target]))
                if right - left == 1:
                    gaps[right] = max(gaps[right], width_of(event.label, SMALL) + 28)
        first = MARGIN + width_of("0.000000") + 16 + max([*halves[:1], 10])
        return [first + sum(gaps[1 : number + 1]) for number in range(len(parties))]

    def render(self) -> str:
        """Draw from top to bottom."""
        conversation, y = self._conversation, MARGIN
        if conversation.title:
            y += LARGE
            self._text(MARGIN, y, conversation.title, "name", LARGE)
            y += 14
        top = y
        y = self._draw_events(top + HEAD + 8)
        rails: list[Shape] = [Line(points=((x, top + HEAD), (x, y)), kind="rail") for x in self._at]
        self._shapes = [*rails, *self._shapes]
        self._draw_heads(top)
        if conversation.left_out or not conversation.events:
            y += 20
            more = f"... and {conversation.left_out} more frames: --limit shows more"
            text = more if conversation.events else "no frames of that kind"
            self._text(MARGIN, y, text, "note", NORMAL)
        title = f"A ladder of {conversation.title}" if conversation.title else "A ladder"
        width, height = self._right + MARGIN, y + MARGIN
        return render_drawing(self._shapes, width=width, height=height, title=title, style=STYLE)

    def _draw_heads(self, y: int) -> None:
        for x, party in zip(self._at, self._conversation.parties, strict=True):
            width = max(width_of(party.short), width_of(party.place, SMALL)) + 16
            box = Rect(
                x=x - width // 2, y=y, width=width, height=HEAD, kind="head", title=party.name
            )
            self._shapes.append(box)
            base = y + 17 if party.place else y + 24
            name = Text(x=x, y=base, text=party.short, kind="name", anchor="middle")
            self._shapes.append(name)
            if party.place:
                place = Text(x=x, y=y + 32, text=party.place, kind="note", size=SMALL,
                             anchor="middle")  # fmt: skip
                self._shapes.append(place)
            self._right = max(self._right, box.x + width)

    def _draw_events(self, y: int) -> int:
        """Draw what happened; return where it ends."""
        before, step = None, ""
        for pause, event in self._conversation.pauses():
            if pause:
                self._pause(y, f"{pause / SECOND:.6f} s pass")
                y += PAUSE
            if event.step != step:
                step = event.step
                y += ROW
                self._text(MARGIN, y + 2, step, "name said", NORMAL)
            y += ROW
            if pause or event.time != before:
                self._text(MARGIN, y + 4, f"{event.time / SECOND:.6f}", "note", NORMAL)
            before = event.time
            self._event(event, y)
        return y + ROW // 2

    def _pause(self, y: int, text: str) -> None:
        left, right = self._at[0] - 10, max(self._at[-1] + 10, self._at[0] + 200)
        box = Rect(x=left, y=y + 14, width=right - left, height=20, kind="pause", title=text)
        self._shapes.append(box)
        middle = (left + right) // 2
        self._shapes.append(
            Text(x=middle, y=y + 28, text=text, kind="note", size=SMALL, anchor="middle")
        )
        self._right = max(self._right, right)

    def _event(self, event: Event, y: int) -> None:
        source = self._at[self._index[event.source]]
        if isinstance(event, Mark):
            bad, why = ("mild", "note") if event.normal else ("bad", "why")
            self._cross(source, y, bad, f"{event.reason}: {event.packet} {event.summary}")
            known = event.packet in self._told
            what = event.packet if known else f"{event.packet} {event.summary}"
            self._told[event.packet] = None
            self._note(y, f"{event.reason}: {what}", why)
            return
        target = self._at[self._index[event.target]]
        toward = 1 if target > source else -1
        end = (source + target) // 2 if event.lost or event.in_flight else target - toward
        title = f"{event.packet}: {event.summary}, on {event.link}"
        kind = event.protocol
        self._shapes.append(Line(points=((source, y), (end, y)), kind=kind, title=title))
        if event.lost:
            self._cross(end, y, "bad", f"lost {event.lost}")
        else:
            back = end - toward * TIP
            tip = ((back, y - TIP // 2), (end, y), (back, y + TIP // 2), (back, y - TIP // 2))
            self._shapes.append(Line(points=tip, kind=f"tip {kind}"))
        near = source + toward * (abs(target - source) // 2)
        if abs(self._index[event.source] - self._index[event.target]) > 1:
            near = source + toward * (width_of(event.label, SMALL) // 2 + 14)
        self._shapes.append(
            Text(x=near, y=y - 5, text=event.label, kind="said", size=SMALL, anchor="middle")
        )
        self._aside(event, y)

    def _aside(self, arrow: Arrow, y: int) -> None:
        """Write beside the first arrow of a packet what it is, and what went wrong with any."""
        if arrow.lost:
            self._note(y, f"lost {arrow.lost}: {arrow.packet}", "why")
        elif arrow.packet not in self._told:
            self._note(y, f"{arrow.packet} {arrow.summary}", "note")
        self._told[arrow.packet] = None

    def _note(self, y: int, text: str, kind: str) -> None:
        shorts = [party.short for party in self._conversation.parties][-1:]
        places = [party.place for party in self._conversation.parties][-1:]
        half = max(widest(shorts), widest(places, SMALL)) // 2 + 8
        self._text(self._at[-1] + max(half, 16), y + 4, text, kind, SMALL)

    def _cross(self, x: int, y: int, kind: str, title: str) -> None:
        for way in (((x - 5, y - 5), (x + 5, y + 5)), ((x - 5, y + 5), (x + 5, y - 5))):
            self._shapes.append(Line(points=way, kind=kind, title=title))

    def _text(self, x: int, y: int, text: str, kind: str, size: int) -> None:
        self._shapes.append(Text(x=x, y=y, text=text, kind=kind, size=size))
        self._right = max(self._right, x + width_of(text, size))
