"""The one exception of this package that speaks of frames, not to people."""


class Malformed(ValueError):
    """A header is cut short or contradicts itself; the device drops the frame for it.

    `reason` is the name of the `DropReason` that Linux gives, which is not known here: the layer
    of the contract stands above.
    """

    def __init__(self, what: str, reason: str = "HDR_TRUNC") -> None:
        super().__init__(what)
        self.reason = reason
