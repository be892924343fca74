"""One colour per person that stays hers and that everybody can tell from the next."""

from __future__ import annotations

RGB = tuple[int, int, int]

PEOPLE_COLORS: tuple[RGB, ...] = (
    (255, 45, 150),  # pink
    (255, 240, 0),  # yellow
    (150, 75, 255),  # violet
    (120, 255, 255),  # ice
    (180, 120, 0),  # ochre
    (225, 165, 255),  # lilac
    (75, 210, 90),  # green
    (45, 150, 195),  # blue
)
"""Eight colours for people, bright on a dark canvas (OKLab lightness 0.6 or more) and told apart with any
kind of colour vision: the nearest two are 0.22 apart in OKLab, and 0.12 as a protanope, a deuteranope or a
tritanope sees them (Machado, Oliveira and Fernandes, "A physiologically-based model for simulation of color
vision deficiency", 2009). Found by search; of the first few, the nearest are farther apart still."""


def person_color(person_id: int) -> RGB:
    """Return the (red, green, blue) from 0 to 255 of a person: the same id, always the same colour."""
    return PEOPLE_COLORS[(person_id - 1) % len(PEOPLE_COLORS)]


def lighter(color: RGB, amount: float = 0.6) -> RGB:
    """Return a colour moved towards white: 0 is the colour itself, 1 is white."""
    red, green, blue = (round(channel + (255 - channel) * amount) for channel in color)
    return red, green, blue
