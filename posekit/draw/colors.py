"""One colour per person that stays hers and that everybody can tell from the next."""

from __future__ import annotations

RGB = tuple[int, int, int]

OKABE_ITO: tuple[RGB, ...] = (
    (230, 159, 0),  # orange
    (86, 180, 233),  # sky blue
    (0, 158, 115),  # bluish green
    (240, 228, 66),  # yellow
    (213, 94, 0),  # vermillion
    (204, 121, 167),  # reddish purple
    (0, 114, 178),  # blue
)
"""Okabe and Ito's colours, told apart with any kind of colour vision (jfly.uni-koeln.de/color, 2002).

Black, their eighth, cannot be seen on a dark canvas and is left out.
"""


def person_color(person_id: int) -> RGB:
    """Return the (red, green, blue) from 0 to 255 of a person: the same id, always the same colour."""
    return OKABE_ITO[(person_id - 1) % len(OKABE_ITO)]


def lighter(color: RGB, amount: float = 0.6) -> RGB:
    """Return a colour moved towards white: 0 is the colour itself, 1 is white."""
    red, green, blue = (round(channel + (255 - channel) * amount) for channel in color)
    return red, green, blue
