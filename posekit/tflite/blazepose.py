"""BlazePose's two TFLite files, packed as the `.task` bundle that MediaPipe's `PoseLandmarker` opens."""

from __future__ import annotations

import io
import zipfile
from typing import TYPE_CHECKING

from posekit.errors import AssetError
from posekit.tflite.metadata import add_normalisation

if TYPE_CHECKING:
    from pathlib import Path

MEMBERS = ("pose_detector.tflite", "pose_landmarks_detector.tflite")
MOST_BYTES = 200_000_000
"""Six times the largest official bundle: what unpacks to more is no pose landmarker."""

# (mean, std) of each input, as the graphs of MediaPipe's legacy pose module scale their pictures: the
# detector to [-1, 1], the landmarks to [0, 1] (mediapipe/modules/pose_detection/pose_detection_cpu.pbtxt and
# pose_landmark/pose_landmark_by_roi_cpu.pbtxt).
_DETECTOR_SCALING = (127.5, 127.5)
_LANDMARKS_SCALING = (0.0, 255.0)

# The only date a zip can carry that says nothing: the same files give the same bytes on any day.
_NO_DATE = (1980, 1, 1, 0, 0, 0)


def pack_blazepose(detector: Path, landmarks: Path) -> bytes:
    """Return a `.task` bundle of the pose detector and the landmark model, for `PoseLandmarker`.

    Stored, not compressed, because MediaPipe maps the members straight out of the zip. Deterministic.
    Raises AssetError for unreadable files or where MediaPipe is not installed.
    """
    members = (
        (MEMBERS[0], detector, _DETECTOR_SCALING),
        (MEMBERS[1], landmarks, _LANDMARKS_SCALING),
    )
    packed = io.BytesIO()
    with zipfile.ZipFile(packed, "w", zipfile.ZIP_STORED) as bundle:
        for name, file, (mean, std) in members:
            try:
                data = file.read_bytes()
            except OSError as error:
                raise AssetError(f"{file} cannot be read: {error.strerror or error}") from error
            member = zipfile.ZipInfo(name, _NO_DATE)
            member.create_system = 3  # else the bytes would tell which system packed them
            bundle.writestr(member, add_normalisation(data, mean, std))
    return packed.getvalue()


def check_bundle(path: Path) -> None:
    """Raise AssetError unless a file is a `.task` bundle for `PoseLandmarker`, without unpacking it."""
    expected = f"a .task bundle is a zip of {' and '.join(MEMBERS)}, not compressed"
    try:
        if path.stat().st_size > MOST_BYTES:
            raise AssetError(
                f"the model {path} cannot be used: {expected}; this is {path.stat().st_size:,} bytes"
            )
        with zipfile.ZipFile(path) as bundle:
            members = bundle.infolist()
    except OSError as error:
        raise AssetError(f"the model {path} cannot be read: {error.strerror or error}") from error
    except (zipfile.BadZipFile, NotImplementedError, ValueError) as error:
        raise AssetError(f"the model {path} cannot be used: {expected}; this is no zip ({error})") from error
    names = [member.filename for member in members]
    missing = [name for name in MEMBERS if name not in names]
    if missing:
        raise AssetError(
            f"the model {path} cannot be used: {expected}; {' and '.join(missing)} "
            f"{'is' if len(missing) == 1 else 'are'} missing, found {', '.join(names[:5]) or 'nothing'}"
        )
    # MediaPipe maps members as they lie in the file; and nothing that must be unpacked can be a bomb.
    packed = [member.filename for member in members if member.compress_type != zipfile.ZIP_STORED]
    if packed or sum(member.file_size for member in members) > MOST_BYTES:
        found = f"{packed[0]} is compressed" if packed else "its members are larger than any model"
        raise AssetError(f"the model {path} cannot be used: {expected}; {found}")
