"""TFLite files read and rewritten: what shapes they have, and the surgery that makes them fast."""

from posekit.tflite.graph import Graph, TensorInfo
from posekit.tflite.resize import resize
from posekit.tflite.surgery import RECIPE_VERSION, VARIANTS, operate, runnable

__all__ = ["RECIPE_VERSION", "VARIANTS", "Graph", "TensorInfo", "operate", "resize", "runnable"]
