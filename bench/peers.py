"""posekit beside its peers, in one run: python bench/peers.py [--json] [--only decode|inference].

Decoding: tfjs-models' own JavaScript in Node, and posekit, on the same raw tensors ($POSEKIT_ASSETS/oracle).
Inference: LiteRT and MediaPipe used directly, and posekit's estimator in each, on the same pictures. Whoever
is compared takes turns, so that a busy machine is busy for all. The npm packages go into a temporary folder,
or into --modules FOLDER, where they are kept.
"""

from __future__ import annotations

import argparse
import json
import os
import shutil
import statistics
import subprocess
import sys
import tempfile
import time
from contextlib import ExitStack, closing, contextmanager
from pathlib import Path

import numpy as np

from posekit.assets import ensure, ensure_original
from posekit.clock import ManualClock
from posekit.estimators.model_input import ModelInput
from posekit.estimators.posenet import PoseNet
from posekit.estimators.posenet_decoder import decode_multiple
from posekit.estimators.posenet_tensors import load_tensors
from posekit.runtimes import open_runtime, quiet_stderr
from posekit.sources import open_source
from posekit.tflite import operate

NODE = Path(__file__).parent / "node"
PEOPLE = (0, 1, 2, 5, 10, 20)
REPEATS = 40
"""Decodings in one turn, of which the median counts."""
WARM_UP = 400
"""Decodings before the first that counts: V8 compiles what is called often."""
EDGES = 16


def main() -> None:
    words = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawTextHelpFormatter)
    words.add_argument("--json", action="store_true", help="print JSON")
    words.add_argument("--rounds", type=int, default=9, help="turns of each")
    words.add_argument("--only", choices=("decode", "inference"), help="only this part")
    words.add_argument("--modules", type=Path, help="keep the npm packages in this folder")
    given = words.parse_args()
    result: dict[str, object] = {}
    if given.only != "inference":
        result["decode_ms"] = compare_decoders(given.rounds, given.modules)
    if given.only != "decode":
        result["inference_ms"] = compare_inference(given.rounds)
    print(json.dumps(result, indent=2) if given.json else as_text(result))


def compare_decoders(rounds: int, modules: Path | None) -> list[dict[str, object]]:
    """Return one row for each crowd: how long each decoder takes in ms, and how many poses it finds."""
    crowds = {people: load_tensors(oracle(people)).dequantised() for people in PEOPLE}
    with ExitStack() as stack:
        folder = Path(stack.enter_context(tempfile.TemporaryDirectory()))
        for people, tensors in crowds.items():
            export(tensors, folder / f"crowd{people}")
        tfjs = stack.enter_context(tfjs_decoder(folder, modules))
        return [
            compare_on(
                people,
                {
                    "tfjs": lambda repeats, tensors=tensors, people=people: tfjs(people, tensors, repeats),
                    "posekit": lambda repeats, tensors=tensors: timed(
                        lambda: decode_multiple(tensors), repeats
                    ),
                    "posekit_as_estimator": lambda repeats, tensors=tensors: timed(
                        lambda: decode_multiple(tensors, 20, 0.25).best(10), repeats
                    ),
                },
                rounds,
            )
            for people, tensors in crowds.items()
        ]


def compare_on(people: int, decoders, rounds: int) -> dict[str, object]:
    times: dict[str, list[float]] = {name: [] for name in decoders}
    found = {}
    for decode in decoders.values():
        decode(WARM_UP)
    for _ in range(rounds):
        for name, decode in decoders.items():
            poses, turn = decode(REPEATS)
            found[name] = poses
            times[name].append(statistics.median(turn))
    row: dict[str, object] = {"people": people}
    row.update({name: round(statistics.median(turns), 3) for name, turns in times.items()})
    row["tfjs_over_posekit"] = round(row["tfjs"] / row["posekit"], 2)
    row["found"] = found
    return row


def timed(decode, repeats: int) -> tuple[int, list[float]]:
    """Return how many poses it finds, and the milliseconds of each repeat."""
    times = []
    poses = ()
    for _ in range(repeats):
        begin = time.perf_counter()
        poses = decode()
        times.append((time.perf_counter() - begin) * 1000)
    return len(poses), times


@contextmanager
def tfjs_decoder(folder: Path, modules: Path | None):
    """Yield a function that has Node decode; JavaScript's own clock takes the time, without the pipe."""
    packages = modules or folder / "node"
    packages.mkdir(parents=True, exist_ok=True)
    for name in ("package.json", "decode.js"):
        shutil.copy(NODE / name, packages)
    if not (packages / "node_modules" / "@tensorflow-models").is_dir():
        subprocess.run(
            ["npm", "install", "--no-audit", "--no-fund", "--no-package-lock", "--loglevel=error"],
            cwd=packages,
            check=True,
            stdout=sys.stderr,
            timeout=300,
        )
    node = subprocess.Popen(
        ["node", "decode.js", str(folder)],
        cwd=packages,
        stdin=subprocess.PIPE,
        stdout=subprocess.PIPE,
        text=True,
    )
    assert node.stdin is not None
    assert node.stdout is not None

    def decode(people: int, tensors, repeats: int) -> tuple[int, list[float]]:
        height, width = tensors.grid
        order = {"name": f"crowd{people}", "height": height, "width": width, "repeats": repeats}
        node.stdin.write(json.dumps(order) + "\n")
        node.stdin.flush()
        answer = json.loads(node.stdout.readline())
        return answer["poses"], answer["times"]

    try:
        yield decode
    finally:
        node.stdin.close()
        node.wait(10)
        node.stdout.close()


def export(tensors, stem: Path) -> None:
    """Write tensors as tfjs's own model hands them over: scores after the sigmoid, mid offsets split."""
    scores = 1 / (1 + np.exp(-tensors.heatmaps))
    parts = {
        "scores": scores,
        "offsets": tensors.short_offsets,
        "forward": tensors.mid_offsets[..., : 2 * EDGES],
        "backward": tensors.mid_offsets[..., 2 * EDGES :],
    }
    for name, values in parts.items():
        stem.with_suffix(f".{name}").write_bytes(np.ascontiguousarray(values, "<f4").tobytes())


def oracle(people: int) -> Path:
    return Path(os.environ["POSEKIT_ASSETS"]) / "oracle" / f"crowd_353_481_{people}.npz"


def compare_inference(rounds: int, frames: int = 12) -> dict[str, float]:
    """Return the median milliseconds of one frame for each way to run PoseNet 481x353."""
    original = operate(ensure_original("posenet-481x353").read_bytes(), "original")
    int8 = ensure("posenet-481x353").read_bytes()
    pictures = some_frames(frames)
    draw = ModelInput((481, 353), "contain").draw
    images = [np.ascontiguousarray(draw(frame.pixels)[0]).copy() for frame in pictures]
    with ExitStack() as stack:
        ways = {}
        for name, model in (("original uint8", original), ("int8", int8)):
            ways[f"LiteRT bare, {name}"] = (litert(model), images)
            ways[f"MediaPipe bare, {name}"] = (mediapipe(model, stack), images)
        for runtime in ("litert", "mediapipe"):
            estimator = stack.enter_context(closing(PoseNet(open_runtime(int8, runtime))))
            ways[f"posekit in {runtime}, picture to tensors"] = (estimator.look, pictures)
            ways[f"posekit in {runtime}, picture to poses"] = (estimator.estimate, pictures)
        times: dict[str, list[float]] = {name: [] for name in ways}
        for turn in range(rounds + 1):
            for name, (run, inputs) in ways.items():
                for at, item in enumerate(inputs):
                    begin = time.perf_counter()
                    run(item)
                    # The first turn warms up, and so does the first run of a turn: caches were another's.
                    if turn and at:
                        times[name].append((time.perf_counter() - begin) * 1000)
        return {name: round(statistics.median(values), 2) for name, values in times.items()}


def litert(model: bytes):
    """Return LiteRT as its documentation uses it: set the input, run, get every output; two threads."""
    from ai_edge_litert.interpreter import Interpreter

    with quiet_stderr():
        interpreter = Interpreter(model_content=model, num_threads=2)
        interpreter.allocate_tensors()
    image_at = interpreter.get_input_details()[0]["index"]
    outputs = [details["index"] for details in interpreter.get_output_details()]

    def run(image):
        interpreter.set_tensor(image_at, image[np.newaxis])
        interpreter.invoke()
        return [interpreter.get_tensor(index) for index in outputs]

    return run


def mediapipe(model: bytes, stack: ExitStack):
    """Return MediaPipe as its documentation uses it: `embed` an image, read every embedding."""
    import mediapipe as mp
    from mediapipe.tasks.python import BaseOptions
    from mediapipe.tasks.python.vision import ImageEmbedder, ImageEmbedderOptions

    with quiet_stderr():
        options = ImageEmbedderOptions(base_options=BaseOptions(model_asset_buffer=model))
        embedder = stack.enter_context(ImageEmbedder.create_from_options(options))

    def run(image):
        result = embedder.embed(mp.Image(image_format=mp.ImageFormat.SRGB, data=image))
        return [embedding.embedding for embedding in result.embeddings]

    return run


def some_frames(count: int):
    source = open_source("sample", ManualClock(), every_frame=True)
    with closing(source):
        frames = source.frames()
        return [next(frames) for _ in range(count)]


def as_text(result: dict[str, object]) -> str:
    lines = []
    if "decode_ms" in result:
        names = ("tfjs", "posekit", "posekit_as_estimator", "tfjs_over_posekit")
        lines.append("people  " + "  ".join(f"{name:>20}" for name in names) + "  found: tfjs, posekit")
        for row in result["decode_ms"]:
            figures = "  ".join(f"{row[name]:20.3f}" for name in names)
            lines.append(f"{row['people']:>6}  {figures}  {row['found']['tfjs']}, {row['found']['posekit']}")
    if "inference_ms" in result:
        lines += ["", f"{'PoseNet 481x353, one frame':46}  ms"]
        lines += [f"{name:46}  {value:.2f}" for name, value in result["inference_ms"].items()]
    return "\n".join(lines)


if __name__ == "__main__":
    main()
