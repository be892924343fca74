"""LiteRT, the TFLite interpreter with threads. The only module that imports `ai_edge_litert`."""

from __future__ import annotations

from typing import TYPE_CHECKING, Any

import numpy as np

from posekit.errors import EstimatorError
from posekit.runtimes.base import LoadedModel, require_image
from posekit.runtimes.quiet import quiet_stderr

if TYPE_CHECKING:
    from numpy.typing import NDArray


class LiteRtRuntime:
    """A model in LiteRT's interpreter, accelerated by XNNPACK; see `posekit.runtimes.Runtime`."""

    name = "litert"

    def __init__(self, model: LoadedModel, threads: int = 1) -> None:
        from ai_edge_litert.interpreter import Interpreter

        self.input_size = model.input_size
        self._model = model
        self.threads = threads
        with quiet_stderr():
            try:
                interpreter = Interpreter(model_content=model.data, num_threads=threads)
                interpreter.allocate_tensors()
            except (RuntimeError, ValueError) as error:
                reason = " ".join(str(error).split())
                raise EstimatorError(f"LiteRT cannot load {model.path}: {reason}") from error
        self._interpreter: Any = interpreter
        self._input = int(interpreter.get_input_details()[0]["index"])
        self._outputs = [int(details["index"]) for details in interpreter.get_output_details()]

    def run(self, image: NDArray[np.uint8]) -> tuple[NDArray[np.float32], ...]:
        """Run the model; see `Runtime.run`."""
        if self._interpreter is None:
            raise EstimatorError("the model is closed")
        require_image(image, self._model)
        pixels: NDArray[Any] = image
        if self._model.takes_float:
            mean, std = self._model.scaling
            pixels = (image.astype(np.float32) - np.float32(mean)) / np.float32(std)
        try:
            self._interpreter.set_tensor(self._input, pixels[np.newaxis])
            self._interpreter.invoke()
        except (RuntimeError, ValueError) as error:
            reason = " ".join(str(error).split())
            raise EstimatorError(f"LiteRT failed on {self._model.path}: {reason}") from error
        # Copies on purpose: a view into the interpreter's memory would forbid its next run while it lives.
        # At 1281 x 721 they are 1.7 MB, under one hundredth of the run.
        return tuple(self._interpreter.get_tensor(index)[0] for index in self._outputs)

    def close(self) -> None:
        """Free the model; closing twice is fine."""
        self._interpreter = None
