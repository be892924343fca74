"""A seeded crowd: bodies that walk, stand and do things, seen with PoseNet's errors, and the truth beside it.

for moment in moments(parse_crowd("people=4,seed=7,seconds=60")):
    moment.poses   # what an estimator would tell
    moment.truth   # who is really there

body = scripted("wave", height=0.4, proportions="child")
for moment in observe([body], rate=30, seconds=5):
    ...            # and body.ground_truth says when she waved
"""

from posekit.crowd.acts import ACTS, DISTRACTORS, GESTURES
from posekit.crowd.crowd import Crowd, moments
from posekit.crowd.noise import FITTED, NONE, Noise
from posekit.crowd.observing import Body, Moment, TruePerson, observe
from posekit.crowd.options import CrowdOptions, parse_crowd
from posekit.crowd.scripted import ActTruth, ScriptedBody, scripted

__all__ = [
    "ACTS",
    "DISTRACTORS",
    "FITTED",
    "GESTURES",
    "NONE",
    "ActTruth",
    "Body",
    "Crowd",
    "CrowdOptions",
    "Moment",
    "Noise",
    "ScriptedBody",
    "TruePerson",
    "moments",
    "observe",
    "parse_crowd",
    "scripted",
]
