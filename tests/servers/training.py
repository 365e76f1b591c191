"""PyTorch and ONNX for the tests of the training, in a folder of the cache that is only looked into by those tests."""

import importlib.util
import sys
from collections.abc import Iterator
from contextlib import contextmanager
from pathlib import Path

from tests.servers.cache import NotProvisioned, cache_folder

PACKAGES = ("torch==2.15.0", "onnx==1.23.2")


def packages_folder() -> Path:
    """Where they are installed; the folder's name changes with what is in it."""
    return cache_folder() / "-".join(["training", *(package.replace("==", "-") for package in PACKAGES)])


@contextmanager
def importable() -> Iterator[None]:
    """PyTorch can be imported inside: from the environment where the extra `train` is installed, else from the cache,
    behind all that the environment has. Child processes started inside can import it too.

    Raises NotProvisioned where there is neither.
    """
    if importlib.util.find_spec("torch") is not None and importlib.util.find_spec("onnx") is not None:
        yield
        return
    folder = packages_folder()
    if not folder.is_dir():
        raise NotProvisioned("PyTorch")
    sys.path.append(str(folder))
    try:
        yield
    finally:
        sys.path.remove(str(folder))
