"""A camera in front of a phone, with Pillow alone: the same seed gives the same picture, byte for byte but for JPEG.

The code stands on the phone in a black frame. The plane of the phone is turned in space and projected; then come, in
the order of the light's way: uneven light, the moire of two grids, defocus and motion, the sensor's noise, JPEG.
"""

import io
import math
from dataclasses import dataclass
from random import Random
from statistics import NormalDist

from PIL import Image, ImageChops, ImageFilter

from schemas.qr.drawing import Drawn

Picture = Image.Image
Matrix = tuple[tuple[float, ...], ...]
_FOCAL = 1.1  # focal length in widths of the frame: a wide lens of a phone or a desk camera
_RIM = 6  # modules of the black frame around the quiet zone
_DESK = 96  # grey of what is behind the phone
_OVERSAMPLED = 2
_KERNEL = 5  # pixels; the longest motion is a line across it


@dataclass(frozen=True, slots=True)
class Frame:
    """A camera's frame in pixels, and how much of its height the code takes (without its quiet zone)."""

    width: int
    height: int
    share: float

    @property
    def name(self) -> str:
        """For instance ``720p 40 %``."""
        return f"{self.height}p {self.share:.0%}".replace("%", " %")


FRAMES = tuple(Frame(width, height, share) for width, height in ((1280, 720), (1920, 1080)) for share in (0.4, 0.5))


@dataclass(frozen=True, slots=True)
class Setting:
    """How bad it may be: each value is drawn evenly from zero (or the first number) to what stands here.

    Angles in degrees, lengths in camera pixels, brightness in grey levels of 255; ``shade`` is the least light that the
    darkest corner keeps. ``moderate`` is set so that the rates come near those of the table in ``rates``.
    """

    name: str
    tilt: float
    turn: float
    defocus: tuple[float, float]
    motion: float
    moire: float
    noise: tuple[float, float]
    shade: float
    jpeg: tuple[int, int] = (60, 80)


SETTINGS = {
    setting.name: setting
    for setting in (
        Setting("mild", 10, 8, (0.3, 0.7), 1.0, 8, (2, 5), 0.8),
        Setting("moderate", 20, 15, (0.6, 1.3), 3.0, 16, (4, 10), 0.6),
        Setting("harsh", 32, 45, (0.8, 1.7), 3.8, 26, (8, 18), 0.4),
    )
}


def photograph(code: Drawn, frame: Frame, setting: Setting, chance: Random) -> bytes:
    """Return a JPEG of ``code`` as the camera sees it once."""
    picture = _placed(code, frame, setting, chance)
    picture = picture.point(_levels(chance.uniform(12, 45), chance.uniform(190, 240)))
    picture = ImageChops.multiply(picture, _light(frame, setting, chance))
    for _ in range(2):
        picture = ImageChops.add(picture, _grid(frame, setting, chance), offset=-128)
    picture = picture.filter(ImageFilter.GaussianBlur(chance.uniform(*setting.defocus)))
    picture = picture.filter(_motion(chance.uniform(0, setting.motion), chance.uniform(0, math.pi)))
    picture = ImageChops.add(picture, _noise(frame, chance.uniform(*setting.noise), chance), offset=-128)
    out = io.BytesIO()
    picture.save(out, "JPEG", quality=chance.randint(*setting.jpeg))
    return out.getvalue()


def _placed(code: Drawn, frame: Frame, setting: Setting, chance: Random) -> Picture:
    """The turned phone before the desk; only the part of the frame that it covers is computed."""
    pixels = frame.share * frame.height / (17 + 4 * code.version)
    phone, size = _phone(code, max(4, math.ceil(_OVERSAMPLED * pixels)))
    angles = [math.radians(chance.uniform(-most, most)) for most in (setting.tilt, setting.tilt, setting.turn)]
    middle = [length * chance.uniform(0.46, 0.54) for length in (frame.width, frame.height)]
    scale = pixels * (code.size + 2 * _RIM) / size
    forth = _projection(angles, _FOCAL * frame.width, middle, scale, size)
    left, top, right, bottom = _box(forth, size, frame)
    fine = 1 / _OVERSAMPLED
    back = _multiplied(_inverse(forth), ((fine, 0, left), (0, fine, top), (0, 0, 1)))
    factors = [value / back[2][2] for row in back for value in row][:8]
    covered = ((right - left) * _OVERSAMPLED, (bottom - top) * _OVERSAMPLED)
    part = phone.transform(covered, Image.Transform.PERSPECTIVE, factors, Image.Resampling.BICUBIC, fillcolor=_DESK)
    whole = Image.new("L", (frame.width, frame.height), _DESK)
    whole.paste(part.reduce(_OVERSAMPLED), (left, top))
    return whole


def _phone(code: Drawn, pixels: int) -> tuple[Picture, int]:
    shown = Image.frombytes("L", (code.size, code.size), code.modules)
    framed = Image.new("L", (code.size + 2 * _RIM,) * 2, 0)
    framed.paste(shown, (_RIM, _RIM))
    size = framed.width * pixels
    return framed.resize((size, size), Image.Resampling.NEAREST), size


def _projection(angles: list[float], focal: float, middle: list[float], scale: float, size: int) -> Matrix:
    """From the phone's pixels to the frame's: K [r1 r2 t] of a pinhole, the phone's middle at distance ``focal``."""
    (sx, cx), (sy, cy), (sz, cz) = ((math.sin(angle), math.cos(angle)) for angle in angles)
    first = (cy * cz, cx * sz + sx * sy * cz, sx * sz - cx * sy * cz)
    second = (-cy * sz, cx * cz - sx * sy * sz, sx * cz + cx * sy * sz)
    place = ((scale, 0, -scale * size / 2), (0, scale, -scale * size / 2), (0, 0, 1))
    turned = ((first[0], second[0], 0), (first[1], second[1], 0), (first[2], second[2], focal))
    lens = ((focal, 0, middle[0]), (0, focal, middle[1]), (0, 0, 1))
    return _multiplied(lens, _multiplied(turned, place))


def _box(forth: Matrix, size: int, frame: Frame) -> tuple[int, int, int, int]:
    corners = ((0, size, 0, size), (0, 0, size, size), (1, 1, 1, 1))
    xs, ys, ws = _multiplied(forth, corners)
    across, down = ([value / w for value, w in zip(values, ws, strict=True)] for values in (xs, ys))
    return (
        max(0, math.floor(min(across))),
        max(0, math.floor(min(down))),
        min(frame.width, math.ceil(max(across))),
        min(frame.height, math.ceil(max(down))),
    )


def _multiplied(one: Matrix, two: Matrix) -> Matrix:
    columns = tuple(zip(*two, strict=True))
    return tuple(tuple(sum(a * b for a, b in zip(row, column, strict=True)) for column in columns) for row in one)


def _inverse(m: Matrix) -> Matrix:
    """Adjugate only: a projection is known up to a factor."""
    (a, b, c), (d, e, f), (g, h, i) = m
    return (
        (e * i - f * h, c * h - b * i, b * f - c * e),
        (f * g - d * i, a * i - c * g, c * d - a * f),
        (d * h - e * g, b * g - a * h, a * e - b * d),
    )


def _levels(black: float, white: float) -> list[int]:
    return [round(black + (white - black) * value / 255) for value in range(256)]


def _ramp(values: bytes, frame: Frame, direction: float, length: float) -> Picture:
    """A picture that is constant across ``direction`` and follows ``values`` once in ``length`` pixels along it."""
    strip = Image.frombytes("L", (len(values), 1), values).resize((len(values), 3))
    along = len(values) / length
    start = len(values) / 2 - along * (math.cos(direction) * frame.width + math.sin(direction) * frame.height) / 2
    factors = (along * math.cos(direction), along * math.sin(direction), start, 0, 0, 1.5)
    return strip.transform((frame.width, frame.height), Image.Transform.AFFINE, factors, Image.Resampling.BILINEAR)


def _light(frame: Frame, setting: Setting, chance: Random) -> Picture:
    darkest = chance.uniform(setting.shade, 1)
    values = bytes(round(255 * (darkest + (1 - darkest) * step / 255)) for step in range(256))
    return _ramp(values, frame, chance.uniform(0, 2 * math.pi), 2 * math.hypot(frame.width, frame.height))


def _grid(frame: Frame, setting: Setting, chance: Random) -> Picture:
    """A sine around 128: the beat of the screen's pixels with the camera's."""
    period, strength = chance.uniform(2.5, 14), chance.uniform(0, setting.moire)
    longest = math.ceil(math.hypot(frame.width, frame.height)) + 2
    shift = chance.uniform(0, 2 * math.pi)
    waves = [round(128 + strength * math.sin(2 * math.pi * x / period + shift)) for x in range(longest)]
    return _ramp(bytes(waves), frame, chance.uniform(0, math.pi), longest)


def _motion(length: float, direction: float) -> ImageFilter.Kernel:
    """A line of ``length`` pixels through the middle of the kernel, each point shared among its four neighbours."""
    weights = [0.0] * (_KERNEL * _KERNEL)
    steps = 33
    for step in range(steps):
        along = length * (step / (steps - 1) - 0.5)
        x, y = (_KERNEL // 2 + along * part for part in (math.cos(direction), math.sin(direction)))
        for column in (math.floor(x), math.floor(x) + 1):
            for line in (math.floor(y), math.floor(y) + 1):
                share = max(0.0, 1 - abs(x - column)) * max(0.0, 1 - abs(y - line))
                if share:
                    weights[line * _KERNEL + column] += share
    return ImageFilter.Kernel((_KERNEL, _KERNEL), weights, scale=sum(weights))


def _noise(frame: Frame, sigma: float, chance: Random) -> Picture:
    """Normal noise around 128: even random bytes through the inverse of the normal distribution."""
    normal = NormalDist(128, sigma)
    table = [max(0, min(255, round(normal.inv_cdf((value + 0.5) / 256)))) for value in range(256)]
    raw = chance.randbytes(frame.width * frame.height)
    return Image.frombytes("L", (frame.width, frame.height), raw).point(table)
