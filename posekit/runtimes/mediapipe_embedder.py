"""MediaPipe's task runtime, running any image model through `ImageEmbedder`.

Without normalisation or quantisation of its embeddings, the embedder hands back every output tensor of the
graph as it is, flattened, in the graph's order (`head_index`). It runs on one thread.
The only module that imports `mediapipe` for models other than BlazePose.
"""

from __future__ import annotations

import ctypes
import math
from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import EstimatorError
from posekit.runtimes.base import LoadedModel, require_image
from posekit.runtimes.mediapipe_task import close_with
from posekit.runtimes.quiet import quiet_stderr
from posekit.tflite.metadata import add_normalisation

if TYPE_CHECKING:
    from numpy.typing import NDArray


class MediaPipeRuntime:
    """A model in MediaPipe's `ImageEmbedder`; see `posekit.runtimes.Runtime`."""

    name = "mediapipe"
    threads = 1

    def __init__(self, model: LoadedModel) -> None:
        self.input_size = model.input_size
        self._model = model
        with quiet_stderr():
            try:
                self._open()
                # Further greetings come with the first image; and so a model that cannot run fails here.
                self.run(np.zeros((self.input_size[1], self.input_size[0], 3), np.uint8))
            except (RuntimeError, ValueError) as error:
                reason = " ".join(str(error).split())[:300]
                raise EstimatorError(f"MediaPipe cannot load {model.path}: {reason}") from error
            except (ImportError, AttributeError, TypeError, OSError) as error:
                raise EstimatorError(
                    f"this MediaPipe is not the one posekit knows ({error}); pip install 'mediapipe==0.10.31'"
                ) from error

    def _open(self) -> None:
        from mediapipe import Image, ImageFormat
        from mediapipe.tasks.python import BaseOptions, vision
        from mediapipe.tasks.python.components.containers.embedding_result_c import EmbeddingResultC

        self._image, self._format, self._result = Image, ImageFormat.SRGB, EmbeddingResultC
        data = self._model.data
        if self._model.takes_float:
            # MediaPipe refuses float models that do not say how pixels become floats.
            data = add_normalisation(data, *self._model.scaling)
        options = vision.ImageEmbedderOptions(base_options=BaseOptions(model_asset_buffer=data))
        self._embedder: Any = vision.ImageEmbedder.create_from_options(options)
        self._close = close_with(self, self._embedder)

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Run the model; see `Runtime.run`."""
        if not self._close.alive:
            raise EstimatorError("the model is closed")
        require_image(image, self._model)
        # `embed` would turn every number into a Python object and back, 8 ms at 641 x 481 and 24 ms at
        # 1281 x 721. These are its own three steps, fixed by the pinned version.
        library, result = self._embedder._lib, self._result()
        picture = self._image(self._format, image)
        handle, pixels = self._embedder._handle, picture._image_ptr
        try:
            library.MpImageEmbedderEmbedImage(handle, pixels, None, ctypes.byref(result))
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())[:300]
            raise EstimatorError(f"MediaPipe failed on {self._model.path}: {reason}") from error
        try:
            return self._outputs(result)
        finally:
            library.MpImageEmbedderCloseResult(ctypes.byref(result))

    def _outputs(self, result: Any) -> tuple[NDArray[np.float32], ...]:
        shapes = self._model.output_shapes
        heads = {head.head_index: head for head in result.embeddings[: result.embeddings_count]}
        sizes = [heads[index].values_count if index in heads else 0 for index in range(len(shapes))]
        if sizes != [math.prod(shape) for shape in shapes]:
            raise EstimatorError(
                f"MediaPipe answered with tensors of {sizes} numbers; {self._model.path} promises {shapes}"
            )
        return tuple(_copied(heads[index].float_embedding, shape) for index, shape in enumerate(shapes))

    def close(self) -> None:
        """Free the model; closing twice is fine."""
        self._close()


def _copied(numbers: Any, shape: tuple[int, ...]) -> NDArray[np.float32]:
    """Return what a C pointer to floats points to, which is freed with the result.

    Straight into a new array: `np.ctypeslib.as_array` takes longer to wrap the pointer than this to copy.
    """
    tensor = np.empty(shape, np.float32)
    ctypes.memmove(tensor.ctypes.data, numbers, tensor.nbytes)
    return tensor
