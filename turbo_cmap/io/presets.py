"""What the numbers of well-known data sets and cameras mean: `PRESETS`.

A file of depth hardly ever says what its numbers are. A preset does, when it is asked for:
it makes `turbo_cmap.io.Raster` hold the factor to a unit and which values are none. It
never guesses, and it refuses a file that cannot be one of its kind.
"""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from pathlib import Path
from types import MappingProxyType

from .._typing import AnyArray
from .packings import (
    Decoded,
    FloatBits,
    Weighted,
    finite,
    fixed_point,
    kitti_flow,
    nyu_raw,
    rotated,
    swapped,
)
from .raster import Raster, ReadError, mask_of

__all__ = ["PRESETS", "Decoded", "Preset", "preset_of"]


@dataclass(frozen=True, slots=True)
class Preset:
    """How stored values become what is measured: ``value * scale + offset``, in `unit`.

    Attributes
    ----------
    name : str
    summary : str
        What it is for, one line.
    quantity : str
        "depth" along the axis of the camera, "distance" from its center, "disparity", "flow",
        "elevation", "values".
    unit : str or None
        Of what is measured.
    scale, offset : float
    invalid : tuple of numbers
        Values that mean 'no measurement', as they are after `decode` and before the scale.
    dtypes : tuple of str
        What the file may hold: names of NumPy dtypes.
    colors : tuple of int
        How many channels `decode` takes, where it makes numbers of colors; else empty.
    decode : callable, optional
        ``decode(stored) -> Decoded``, for what is more than a factor: a packing, see
        `packings`. Of an array of shape (H, W), or (H, W, C) with `colors`.
    formula : str
        What `decode` does, for the documentation.
    source : str
        Where this is written.
    """

    name: str
    summary: str
    quantity: str
    unit: str | None
    scale: float = 1.0
    offset: float = 0.0
    invalid: tuple[float, ...] = ()
    dtypes: tuple[str, ...] = ()
    colors: tuple[int, ...] = ()
    decode: Callable[[AnyArray], Decoded] | None = None
    formula: str = ""
    source: str = field(kw_only=True)

    @property
    def assumption(self) -> str:
        """What this takes for granted, one line: 'depth in m = stored / 256; 0 is invalid'."""
        measured = f"{self.quantity} in {self.unit}" if self.unit else self.quantity
        text = f"{measured} = {self.formula or _formula(self.scale, self.offset)}"
        if self.invalid:
            listed = " and ".join(f"{value:g}" for value in self.invalid)
            text += f"; {listed} {'is' if len(self.invalid) == 1 else 'are'} invalid"
        return text

    def apply(self, raster: Raster) -> Raster:
        """The raster of a file of this kind.

        Scale, offset and unit become those of the preset, whatever the file says.

        Parameters
        ----------
        raster : Raster
            As read; with `colors` its values have shape (H, W, C).

        Raises
        ------
        ReadError
            If it is of another dtype or has another number of channels.
        """
        values, mask = raster.values, raster.mask
        self._check(raster.path, values)
        if self.decode is not None:
            decoded = self.decode(values)
            values = decoded.values
            mask = mask_of(mask, decoded.mask)
        measured = replace(
            raster,
            values=values,
            mask=mask,
            scale=self.scale,
            offset=self.offset,
            unit=self.unit,
            preset=self,
        )
        return measured.without(self.invalid)

    def _check(self, path: Path, values: AnyArray) -> None:
        channels = values.shape[2] if values.ndim == 3 else 1
        if channels not in (self.colors or (1,)):
            needed = " or ".join(map(str, self.colors)) or "1"
            raise ReadError(
                path, f"the preset {self.name} is for {needed} channels, not {channels}"
            )
        stored = values.dtype.newbyteorder("=").name
        if stored in self.dtypes:
            return
        reason = f"the preset {self.name} is for {self.dtypes[0]}, it holds {stored}"
        if stored == "uint8":
            reason += ": has it been flattened to 8 bits?"
        elif values.dtype.kind == "f" and not self.colors:
            reason += ": is it scaled already?"
        raise ReadError(path, reason)


def _formula(scale: float, offset: float) -> str:
    inverse = 1 / scale
    if scale == 1:
        text = "stored"
    elif scale < 1 and abs(inverse - round(inverse)) < 1e-6:
        text = f"stored / {round(inverse)}"
    else:
        text = f"stored * {scale:g}"
    return text if offset == 0 else f"{text} {'+' if offset > 0 else '-'} {abs(offset):g}"


#: Integers that hold all of uint16, as NumPy files and TIFFs of it are.
_WORDS = ("uint16", "int32", "uint32", "int64", "uint64")
_WORD = ("uint16",)
_BYTES = ("uint8",)
_FLOATS = ("float32", "float64", "float16")

_LISTED = (
    Preset(
        "kitti-depth",
        "KITTI depth completion and prediction, VOID",
        "depth",
        "m",
        scale=1 / 256,
        invalid=(0,),
        dtypes=_WORDS,
        source="KITTI depth development kit, readme.txt: https://www.cvlibs.net/datasets/kitti/; "
        "https://github.com/alexklwong/void-dataset, src/data_utils.py",
    ),
    Preset(
        "kitti-disparity",
        "KITTI 2012 and 2015 stereo, Argoverse stereo, DSEC",
        "disparity",
        "px",
        scale=1 / 256,
        invalid=(0,),
        dtypes=_WORDS,
        source="KITTI stereo development kit, readme.txt: https://www.cvlibs.net/datasets/kitti/; "
        "https://github.com/argoverse/argoverse-api, data_loading/stereo_dataloader.py; "
        "https://github.com/uzh-rpg/DSEC, scripts/dataset/sequence.py",
    ),
    Preset(
        "kitti-flow",
        "KITTI 2012 and 2015 optical flow: how far a pixel moves",
        "flow",
        "px",
        dtypes=_WORD,
        colors=(3,),
        decode=kitti_flow,
        formula="hypot(R - 32768, G - 32768) / 64; invalid where B is 0",
        source="KITTI flow development kit, readme.txt: https://www.cvlibs.net/datasets/kitti/",
    ),
    Preset(
        "cityscapes-disparity",
        "Cityscapes stereo",
        "disparity",
        "px",
        scale=1 / 256,
        offset=-1 / 256,
        invalid=(0,),
        dtypes=_WORDS,
        formula="(stored - 1) / 256",
        source="https://github.com/mcordts/cityscapesScripts, README.md",
    ),
    Preset(
        "tum",
        "TUM RGB-D, ICL-NUIM",
        "depth",
        "m",
        scale=1 / 5000,
        invalid=(0,),
        dtypes=_WORDS,
        source="https://cvg.cit.tum.de/data/datasets/rgbd-dataset/file_formats",
    ),
    Preset(
        "replica",
        "Replica, as rendered for iMAP and NICE-SLAM",
        "depth",
        "m",
        scale=1 / 6553.5,
        invalid=(0,),
        dtypes=_WORDS,
        formula="stored / 6553.5",
        source="https://github.com/cvg/nice-slam, configs/Replica/replica.yaml and src/Mapper.py",
    ),
    Preset(
        "m",
        "meters: NYU Depth V2 (labeled), DIODE, TartanAir 1 and whatever else holds floats",
        "depth",
        "m",
        invalid=(0,),
        dtypes=_FLOATS,
        decode=finite,
        formula="stored; infinite values are invalid",
        source="https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html; "
        "https://github.com/castacks/tartanair_tools, data_type.md",
    ),
    Preset(
        "mm",
        "millimeters: RealSense, Azure Kinect, ZED, ARKitScenes (iPhone), ScanNet, Structured3D",
        "depth",
        "m",
        scale=1 / 1000,
        invalid=(0,),
        dtypes=(*_WORDS, "int16"),
        source="K4A_IMAGE_FORMAT_DEPTH16 in k4atypes.h; https://github.com/apple/ARKitScenes, "
        "DATA.md; https://github.com/bertjiazheng/Structured3D, data_organization.md",
    ),
    Preset(
        "7-scenes",
        "7-Scenes (Microsoft), in millimeters",
        "depth",
        "m",
        scale=1 / 1000,
        invalid=(65535,),
        dtypes=_WORDS,
        source="https://www.microsoft.com/en-us/research/project/rgb-d-dataset-7-scenes/",
    ),
    Preset(
        "falling-things",
        "Falling Things (NVIDIA), in tenths of a millimeter",
        "depth",
        "m",
        scale=1 / 10000,
        dtypes=_WORDS,
        source="readme_0.txt of the data set, as https://github.com/pytorch/vision has it, "
        "torchvision/datasets/_stereo_matching.py: disparity = 6 cm * fx * 100 / stored",
    ),
    Preset(
        "point-odyssey",
        "PointOdyssey; 1000 m is that or more",
        "depth",
        "m",
        scale=1000 / 65535,
        dtypes=_WORDS,
        formula="1000 stored / 65535",
        source="https://github.com/y-zheng18/point_odyssey, utils/gen_tracking.py",
    ),
    Preset(
        "hypersim",
        "Hypersim: from the center of the camera, not along its axis",
        "distance",
        "m",
        dtypes=_FLOATS,
        source="https://github.com/apple/ml-hypersim, README.md: depth_meters.hdf5",
    ),
    Preset(
        "sunrgbd",
        "SUN RGB-D and SUN3D, whose millimeters have their bits rotated",
        "depth",
        "m",
        scale=1 / 1000,
        invalid=(0,),
        dtypes=_WORD,
        decode=rotated,
        formula="(stored >> 3 | stored << 13) / 1000",
        source="SUNRGBDtoolbox, readData/read3dPoints.m: https://rgbd.cs.princeton.edu/; "
        "https://github.com/PrincetonVision/SUN3Dsfm, depthRead.m",
    ),
    Preset(
        "vkitti",
        "Virtual KITTI 1 and 2; 65535 is the sky",
        "depth",
        "m",
        scale=1 / 100,
        invalid=(65535,),
        dtypes=_WORDS,
        source="https://europe.naverlabs.com/research/computer-vision/proxy-virtual-worlds/",
    ),
    Preset(
        "2d3ds",
        "2D-3D-Semantics (Stanford), Taskonomy",
        "depth",
        "m",
        scale=1 / 512,
        invalid=(65535,),
        dtypes=_WORDS,
        source="https://github.com/alexsax/2D-3D-Semantics, README.md; "
        "https://github.com/StanfordVL/taskonomy, data/README.md",
    ),
    Preset(
        "matterport",
        "Matterport3D, in quarters of a millimeter",
        "depth",
        "m",
        scale=1 / 4000,
        invalid=(0,),
        dtypes=_WORDS,
        source="https://github.com/niessner/Matterport, data_organization.md",
    ),
    Preset(
        "nyu-raw",
        "raw frames of NYU Depth V2 (PGM, low byte first), up to 10 m",
        "depth",
        "m",
        dtypes=_WORD,
        decode=nyu_raw,
        formula="351.3 / (1092.5 - byteswap(stored)), 10 at most; negative values are invalid",
        source="toolbox_nyu_depth_v2, depth_rel2depth_abs.m and camera_params.m: "
        "https://cs.nyu.edu/~fergus/datasets/nyu_depth_v2.html",
    ),
    Preset(
        "sintel-disparity",
        "MPI Sintel stereo, in the colors of an RGB PNG",
        "disparity",
        "px",
        dtypes=_BYTES,
        colors=(3,),
        decode=Weighted((4, 1 / 64, 1 / 16384)),
        formula="4 R + G / 64 + B / 16384",
        source="sdk/python/sintel_io.py of MPI Sintel stereo: http://sintel.is.tue.mpg.de/stereo",
    ),
    Preset(
        "middlebury-2003",
        "Middlebury 2003 stereo, of quarter size: Cones, Teddy",
        "disparity",
        "px",
        scale=1 / 4,
        invalid=(0,),
        dtypes=_BYTES,
        source="README.txt of https://vision.middlebury.edu/stereo/data/scenes2003/",
    ),
    Preset(
        "middlebury-2006",
        "Middlebury 2005 and 2006 stereo, full size",
        "disparity",
        "px",
        invalid=(0,),
        dtypes=_BYTES,
        source="https://vision.middlebury.edu/stereo/data/scenes2006/",
    ),
    Preset(
        "middlebury-2006-half",
        "Middlebury 2005 and 2006 stereo, half size",
        "disparity",
        "px",
        scale=1 / 2,
        invalid=(0,),
        dtypes=_BYTES,
        source="https://vision.middlebury.edu/stereo/data/scenes2006/",
    ),
    Preset(
        "middlebury-2006-third",
        "Middlebury 2005 and 2006 stereo, third size",
        "disparity",
        "px",
        scale=1 / 3,
        invalid=(0,),
        dtypes=_BYTES,
        source="https://vision.middlebury.edu/stereo/data/scenes2006/",
    ),
    Preset(
        "middlebury-pfm",
        "Middlebury 2014 and 2021, ETH3D stereo, SceneFlow, Spring; inf is invalid",
        "disparity",
        "px",
        dtypes=_FLOATS,
        decode=finite,
        formula="stored; infinite values are invalid",
        source="https://vision.middlebury.edu/stereo/data/scenes2014/",
    ),
    Preset(
        "instereo2k",
        "InStereo2K",
        "disparity",
        "px",
        scale=1 / 100,
        invalid=(0,),
        dtypes=_WORDS,
        source="https://github.com/YuhuaXu/StereoDataset, Readme.md",
    ),
    Preset(
        "crestereo",
        "CREStereo",
        "disparity",
        "px",
        scale=1 / 32,
        dtypes=_WORDS,
        source="https://github.com/megvii-research/CREStereo, README.md",
    ),
    Preset(
        "sgbm",
        "OpenCV's StereoBM and StereoSGBM, also where a PNG made unsigned words of it",
        "disparity",
        "px",
        scale=1 / 16,
        dtypes=("int16", "uint16"),
        decode=fixed_point,
        formula="stored / 16; negative values are invalid",
        source="cv::StereoMatcher, whose DISP_SCALE is 16; where there is none, "
        "(minDisparity - 1) * 16: https://docs.opencv.org/4.x/d2/d6e/classcv_1_1StereoMatcher.html",
    ),
    Preset(
        "carla",
        "CARLA's depth camera, in the colors of a PNG",
        "depth",
        "m",
        scale=1000 / (2**24 - 1),
        dtypes=_BYTES,
        colors=(3, 4),
        decode=Weighted((1, 256, 65536)),
        formula="1000 (R + 256 G + 65536 B) / 16777215",
        source="https://carla.readthedocs.io/en/latest/ref_sensors/#depth-camera",
    ),
    Preset(
        "tartanair",
        "TartanAir 2, TartanGround: a float in the bytes of an RGBA PNG",
        "depth",
        "m",
        dtypes=_BYTES,
        colors=(4,),
        decode=FloatBits("<f4", (2, 1, 0, 3)),
        formula="the bytes B, G, R, A as one float32",
        source="https://github.com/castacks/tartanairpy, docs/modalities.rst",
    ),
    Preset(
        "terrarium",
        "terrain tiles of AWS, Mapzen, Tilezen",
        "elevation",
        "m",
        scale=1 / 256,
        offset=-32768,
        dtypes=_BYTES,
        colors=(3, 4),
        decode=Weighted((65536, 256, 1)),
        formula="256 R + G + B / 256 - 32768",
        source="https://github.com/tilezen/joerd/blob/master/docs/formats.md",
    ),
    Preset(
        "mapbox-terrain",
        "Mapbox Terrain-RGB, MapTiler",
        "elevation",
        "m",
        scale=0.1,
        offset=-10000,
        dtypes=_BYTES,
        colors=(3, 4),
        decode=Weighted((65536, 256, 1)),
        formula="0.1 (65536 R + 256 G + B) - 10000",
        source="https://docs.mapbox.com/data/tilesets/reference/mapbox-terrain-rgb-v1/",
    ),
    Preset(
        "float16-bits",
        "the bits of float16 in a PNG of 16 bits: CO3D, Dynamic Replica, Mid-Air (meters)",
        "values",
        None,
        invalid=(0,),
        dtypes=_WORD,
        decode=FloatBits("<f2"),
        formula="the two bytes of stored as one float16",
        source="https://github.com/facebookresearch/co3d, co3d/challenge/io.py; "
        "https://github.com/facebookresearch/dynamic_stereo, datasets/dynamic_stereo_datasets.py; "
        "https://github.com/montefiore-institute/midair-dataset, hdf5-depth_viewer.py",
    ),
    Preset(
        "byteswap",
        "16-bit numbers with the low byte first where a format has the high one first",
        "values",
        None,
        dtypes=("uint16", "int16"),
        decode=swapped,
        formula="byteswap(stored)",
        source="https://netpbm.sourceforge.net/doc/pgm.html: the most significant byte is first",
    ),
)

#: By name.
PRESETS: Mapping[str, Preset] = MappingProxyType({one.name: one for one in _LISTED})


def preset_of(caller: str, preset: str | Preset) -> Preset:
    """A preset by its name, or as it is.

    Raises
    ------
    ValueError
        If there is none of this name.
    TypeError
        If it is neither.
    """
    if isinstance(preset, Preset):
        return preset
    if not isinstance(preset, str):
        raise TypeError(f"{caller}(): preset must be a name or a Preset, got {preset!r}")
    if preset not in PRESETS:
        raise ValueError(f"{caller}(): preset must be one of {', '.join(PRESETS)}, got {preset!r}")
    return PRESETS[preset]
