"""Networks that came with a package, ready to run."""

from __future__ import annotations

import os
from functools import cache
from typing import TYPE_CHECKING

from onmodel.qc.weights import Network, locate

if TYPE_CHECKING:
    import numpy as np
    from numpy.typing import NDArray


@cache
def opened(network: Network) -> OpenNetwork:
    """A network after its bytes were checked; one of each for a process, whoever looks with it.

    Raises:
        SetupError: the file is missing or altered.
    """
    return OpenNetwork(network)


class OpenNetwork:
    """Runs on one thread: a process for each core judges shots, and a pool of threads outlives no fork.

    Args:
        network: which one.
    """

    def __init__(self, network: Network) -> None:
        import numpy as np  # noqa: PLC0415 - keeps `check` and `plan` quick

        # From 1.32 on it tells its maker of every session unless this is set before it is loaded.
        os.environ["ORT_DISABLE_TELEMETRY"] = "1"
        # It ships no types.
        import onnxruntime  # type: ignore[import-untyped]  # noqa: PLC0415 - keeps `check` and `plan` quick

        options = onnxruntime.SessionOptions()
        options.intra_op_num_threads = options.inter_op_num_threads = 1
        options.log_severity_level = 3
        # Weights stored as bytes are widened once, not at every run: a face takes 22 ms then, 40 without it,
        # and 32 in OpenCV.
        options.add_session_config_entry("session.disable_quant_qdq", "1")
        self._session = onnxruntime.InferenceSession(
            str(locate(network)), options, providers=["CPUExecutionProvider"]
        )
        self._takes, *spare = self._session.get_inputs()
        # SFace's file names its weights as inputs as well; nothing reads what is given for them.
        self._spare = {one.name: np.zeros(one.shape, np.float32) for one in spare}

    def run(self, numbers: NDArray[np.float32]) -> NDArray[np.float32]:
        """What the network makes of one picture, (1, 3, H, W) float32."""
        found: NDArray[np.float32] = self._session.run(None, {self._takes.name: numbers, **self._spare})[0]
        return found
