"""Pictures as indices into one palette for all of them."""

from __future__ import annotations

import numpy as np

from .._typing import AnyArray

_MOST = 256


def check_palette(caller: str, palette: object, most: int) -> None:
    """Raise where a palette is none.

    Raises
    ------
    TypeError, ValueError
        If it is not an array of uint8, shape (N, 3), 1 <= N <= *most*.
    """
    if not isinstance(palette, np.ndarray):
        raise TypeError(f"{caller}(): palette must be a NumPy array, got {type(palette).__name__}")
    if palette.dtype != np.uint8 or palette.shape[1:] != (3,) or not 1 <= len(palette) <= most:
        raise ValueError(
            f"{caller}(): palette must be uint8 of shape (N, 3), 1 <= N <= {most}, "
            f"got {palette.dtype} of shape {palette.shape}"
        )


class Painting:
    """A palette, and the way from pictures to indices into it.

    Attributes
    ----------
    palette : ndarray of uint8, shape (N, 3), N <= 256
    clear : int or None
        The index of transparent pixels.
    """

    def __init__(self, palette: AnyArray, aliases: AnyArray, codes: AnyArray, alpha: bool) -> None:
        self.palette = palette
        self.clear = len(palette) - 1 if alpha else None
        # For each of all colors, one more than its index, and 0 for those without. The
        # system gives zeros only where they are touched.
        self._code_of = np.zeros(1 << 24, np.uint16)
        self._code_of[_packed(aliases)] = codes + 1

    def indices(self, picture: AnyArray) -> AnyArray:
        """The palette's index of each pixel: exact, and of colors without one, of a near one.

        Parameters
        ----------
        picture : ndarray of uint8, shape (H, W, 3) or (H, W, 4)

        Returns
        -------
        ndarray of uint8, shape (H, W)
        """
        codes: AnyArray = self._code_of[_packed(picture)]
        if not codes.all():
            strange = np.unique(_packed(picture)[codes == 0])
            self._code_of[strange] = self._nearest(strange) + 1
            codes = self._code_of[_packed(picture)]
        indices: AnyArray = (codes - 1).astype(np.uint8)
        if self.clear is not None and picture.shape[2] == 4:
            indices[picture[..., 3] < 128] = self.clear
        return indices

    def _nearest(self, packed: AnyArray) -> AnyArray:
        from PIL import Image

        strange = np.stack([packed & 0xFF, packed >> 8 & 0xFF, packed >> 16], axis=-1)
        colors = self.palette if self.clear is None else self.palette[:-1]
        guide = Image.new("P", (1, 1))
        guide.putpalette(colors.tobytes())
        row = Image.fromarray(strange.astype(np.uint8)[np.newaxis])
        found = row.quantize(palette=guide, dither=Image.Dither.NONE)
        codes: AnyArray = np.minimum(np.asarray(found)[0], len(colors) - 1).astype(np.uint16)
        return codes


def _packed(colors: AnyArray) -> AnyArray:
    """Three bytes as one number, red lowest."""
    words: AnyArray = colors[..., 0].astype(np.uint32)
    words |= colors[..., 1].astype(np.uint32) << 8
    words |= colors[..., 2].astype(np.uint32) << 16
    return words


def painting(palette: AnyArray, alpha: bool = False) -> Painting:
    """The way to a palette; with transparency, one entry more."""
    colors, codes = shortened(palette, _MOST - alpha)
    table = np.concatenate([colors, np.zeros((1, 3), np.uint8)]) if alpha else colors
    return Painting(table, palette, codes, alpha)


def shortened(palette: AnyArray, most: int = _MOST) -> tuple[AnyArray, AnyArray]:
    """A palette of no more than *most* colors, and where each of the given ones is in it.

    Of the neighbors that differ the least, one goes, until few enough are left: of Turbo
    and a color for bad pixels, 257, one that is two levels from another.

    Parameters
    ----------
    palette : ndarray of uint8, shape (N, 3)
    most : int

    Returns
    -------
    colors : ndarray of uint8, shape (M, 3), M <= most
    codes : ndarray of uint16, shape (N,)
        ``colors[codes]`` is the palette, or near it.
    """
    colors, codes = palette, np.arange(len(palette), dtype=np.uint16)
    while len(colors) > most:
        steps = np.abs(np.diff(colors.astype(int), axis=0)).sum(axis=1)
        stays = np.ones(len(colors), bool)
        excess = len(colors) - most
        for place in np.argsort(steps, kind="stable"):
            if excess and stays[place] and stays[place + 1]:
                stays[place + 1] = False
                excess -= 1
        codes = (np.cumsum(stays) - 1).astype(np.uint16)[codes]
        colors = colors[stays]
    return np.ascontiguousarray(colors), codes


def learned_palette(picture: AnyArray) -> AnyArray:
    """256 colors that are like those of a picture; 255 if it has transparency."""
    from PIL import Image

    rgb = Image.fromarray(np.ascontiguousarray(picture[..., :3]))
    count = _MOST - (picture.shape[2] == 4)
    found = rgb.quantize(count, Image.Quantize.MEDIANCUT, dither=Image.Dither.NONE)
    return np.asarray(found.getpalette("RGB"), np.uint8).reshape(-1, 3)[:count]
