"""What the camera sees, made ready for a canvas: its picture and the mask of the bodies in it."""

from __future__ import annotations

from typing import TYPE_CHECKING

from posekit.draw import PlacedMask, PlacedPicture
from posekit.errors import UnknownNameError
from posekit.geometry import FITS, Fit, fit_picture

if TYPE_CHECKING:
    from posekit.geometry import Size
    from posekit.sketch.kinds import Pixels
    from posekit.stage import AnyPlacement


class Sight:
    """The newest picture and mask, and where they lie on a canvas of one size.

    A canvas and its layers of the same size share one, so that the picture is fitted once for all. A layer
    of another size has its own, which follows the canvas's.
    """

    def __init__(self, size: Size, whole: Sight | None = None) -> None:
        self._size, self._whole = size, whole
        self._seen = (0, 0)
        self._changes = [0, 0]
        self._picture: tuple[Pixels | None, AnyPlacement] | None = None
        self._mask: tuple[Pixels | None, AnyPlacement] | None = None
        self._pictures: dict[tuple[Fit | None, bool | None], PlacedPicture] = {}
        self._placed_mask = PlacedMask()

    def for_size(self, size: Size) -> Sight:
        """Return the sight of a layer of a size."""
        return self if size == self._size else Sight(size, self)

    def set_picture(self, picture: Pixels | None, placement: AnyPlacement) -> None:
        """Take the newest picture (h, w, 3) RGB, and where it lies."""
        self._picture = picture, placement
        self._changes[0] += 1
        for (fit, mirror), placed in self._pictures.items():
            placed.set(picture, self._place(fit, mirror))

    def set_mask(self, mask: Pixels | None, placement: AnyPlacement) -> None:
        """Take the newest mask (h, w), and where it lies."""
        self._mask = mask, placement
        self._changes[1] += 1
        self._placed_mask.set(mask, placement)

    def picture(self, fit: Fit | None = None, mirror: bool | None = None) -> PlacedPicture:
        """Return the picture fitted as the people are, or otherwise; raises `UnknownNameError` for a fit."""
        if fit is not None and fit not in FITS:
            raise UnknownNameError("fit", fit, FITS)
        self._follow()
        key = (fit, mirror)
        if key not in self._pictures:
            self._pictures[key] = PlacedPicture()
            if self._picture is not None:
                self._pictures[key].set(self._picture[0], self._place(fit, mirror))
        return self._pictures[key]

    @property
    def mask(self) -> PlacedMask:
        """The mask where it lies."""
        self._follow()
        return self._placed_mask

    def _place(self, fit: Fit | None, mirror: bool | None) -> AnyPlacement:
        assert self._picture is not None
        picture, placement = self._picture
        mirrored = placement.is_mirrored if mirror is None else mirror
        if fit is not None and picture is not None:
            placement = fit_picture((picture.shape[1], picture.shape[0]), self._size, fit)
        return placement.mirrored(self._size[0]) if placement.is_mirrored != mirrored else placement

    def _follow(self) -> None:
        """Take over what is new on the canvas whose layer this is for."""
        whole = self._whole
        if whole is None:
            return
        whole._follow()
        seen, self._seen = self._seen, (whole._changes[0], whole._changes[1])
        if whole._picture is not None and seen[0] != self._seen[0]:
            self.set_picture(whole._picture[0], self._scaled(whole._picture[1], whole._size))
        if whole._mask is not None and seen[1] != self._seen[1]:
            self.set_mask(whole._mask[0], self._scaled(whole._mask[1], whole._size))

    def _scaled(self, placement: AnyPlacement, size: Size) -> AnyPlacement:
        return placement.scaled(self._size[0] / size[0], self._size[1] / size[1])
