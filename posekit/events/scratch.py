"""Where a frame is measured: arrays and views of them that are made once for so many people."""

from __future__ import annotations

from typing import TYPE_CHECKING

import numpy as np

from posekit.events.quantities import AT, CHANNELS, HANDS, QUANTITIES

if TYPE_CHECKING:
    from numpy.typing import NDArray


class Scratch:
    """One set of arrays for N people; every frame overwrites them.

    Making a view costs nearly as much as reckoning with it.
    """

    def __init__(self, count: int) -> None:
        q = self.q = np.empty((len(QUANTITIES), count), np.float32)
        """(Q, N) the quantities."""
        points = self.points = np.empty((17, 2, count), np.float32)
        """(17, 2, N) keypoints in image heights."""
        self.by_person, self.points_x = points.transpose(2, 0, 1), points[:, 0]
        pairs = points[5:].reshape(6, 2, 2, count)  # joints, left and right, x and y
        self.ends_left, self.ends_right = pairs[0:4:3, 0], pairs[0:4:3, 1]  # shoulders and hips
        self.spans_left, self.spans_right = pairs[0:3:2, 0], pairs[0:3:2, 1]  # shoulders and wrists
        self.legs_left, self.legs_right = pairs[4:, 0, 1], pairs[4:, 1, 1]  # heights of knees and ankles
        self.knee_left, self.knee_right = pairs[4, 0, 1], pairs[4, 1, 1]
        self.ankle_left, self.ankle_right = pairs[5, 0, 1], pairs[5, 1, 1]
        self.face, self.shoulders_to_wrists, self.wrists = points[0:5], points[5:11], points[9:11]
        middle = self.middle = _rows(q, "neck_x", "hips_y").reshape(2, 2, count)
        self.neck, self.hips, self.middle_y = middle[0], middle[1], middle[:, 1]
        self.neck_x, self.neck_y = middle[0]
        lines = self.lines = np.empty((3, 2, count), np.float32)  # between shoulders, hands; the trunk
        self.spans, self.trunk = lines[:2], lines[2]
        self.lines_x, self.lines_y = lines[:, 0], lines[:, 1]
        self.shoulders_x, self.shoulders_y = lines[0]
        self.lengths = np.empty((3, count), np.float32)
        self.span, self.hands, self.torso = self.lengths
        arms = self.arms = np.empty((6, 2, count), np.float32)  # shoulders, elbows, wrists
        self.arms_from, self.arms_to, self.arms_by_axis = arms[0:2], arms[4:6], arms[4:6].transpose(1, 0, 2)
        self.arms_x, self.arms_y, self.elbows_y = arms[4:6, 0], arms[4:6, 1], arms[2:4, 1]
        reach = self.reach_lines = np.empty((2, 2, count), np.float32)
        self.reach_x, self.reach_y = reach[:, 0], reach[:, 1]
        self.hand_places = _rows(q, "left_across", "right_down").reshape(2, 2, count)
        self.reach, self.up, self.out, self.fore_up = (
            q[HANDS[name]] for name in ("reach", "wrist_up", "wrist_out", "fore_up")
        )
        (self.up_left, self.up_right), (self.out_left, self.out_right) = self.up, self.out
        self.over_feet = _rows(q, "shoulders_over_feet", "hips_over_feet")
        self.frontal, self.distance, self.size, self.apart, self.lean = (
            q[AT[name]] for name in ("frontal", "hand_distance", "size", "apart", "lean")
        )
        self.feet_y, self.hand_gap, self.hands_up = (
            q[AT[name]] for name in ("feet_y", "hand_gap", "hands_up")
        )
        self.lower = np.empty((2, count), np.float32)
        self.knees, self.feet = self.lower
        head = self.head = np.empty((2, count), np.float32)
        self.head_x, self.head_y = head
        self._for_history(count)

    def _for_history(self, count: int) -> None:
        q = self.q
        self.channels, self.across = q[: len(CHANNELS)], q[HANDS["across"]]
        self.hips_x = self.hips[0]
        least = self.least = np.empty((len(CHANNELS), count), np.float32)
        fell = self.fell = np.empty((len(CHANNELS), count), np.float32)
        self.least_across, self.least_frontal = least[HANDS["across"]], least[AT["frontal"]]
        self.least_neck_x, self.least_neck_y = least[AT["neck_x"]], least[AT["neck_y"]]
        self.fell_distance, self.fell_neck, self.fell_hips, self.fell_feet = (
            fell[AT[name]] for name in ("hand_distance", "neck_y", "hips_y", "feet_y")
        )
        self.quick = _rows(q, "left_swept_left", "right_thrown").reshape(3, 2, count)
        self.turned = _rows(q, "left_swings", "right_swung").reshape(2, 2, count)
        self.leap = _rows(q, "risen", "feet_risen")
        self.closing, self.carried, self.faced, self.risen, self.feet_risen, self.stepped, self.motion = (
            q[AT[name]]
            for name in ("hands_closing", "carried", "faced", "risen", "feet_risen", "stepped", "motion")
        )


def _rows(q: NDArray[np.float32], first: str, last: str) -> NDArray[np.float32]:
    return q[AT[first] : AT[last] + 1]
