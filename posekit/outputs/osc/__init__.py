"""OSC out: a target says where and how, a dialect says what, a sender sends it."""

from __future__ import annotations

from posekit.outputs.osc.receivers import PRESETS, preset, receiver_hint
from posekit.outputs.osc.sender import OscSender
from posekit.outputs.osc.target import DEFAULT_TARGET, Target, parse_target

__all__ = ["DEFAULT_TARGET", "PRESETS", "OscSender", "Target", "parse_target", "preset", "receiver_hint"]
