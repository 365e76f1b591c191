"""Makes .venv and installs the project into it. Only the standard library: this runs before anything is installed.

Run again it does nothing, unless what is to be installed has changed.
"""

import argparse
import hashlib
import os
import subprocess
import sys
from pathlib import Path

ROOT = Path(__file__).resolve().parent.parent
VENV = ROOT / ".venv"
STAMP = VENV / ".tokstream-installed"
CONSTRAINTS = ROOT / "deploy" / "constraints.txt"
HEADLESS = "opencv-python-headless"
OLDEST = (3, 11)


def fail(reason: str) -> None:
    print(f"bootstrap: {reason}", file=sys.stderr)
    raise SystemExit(1)


def make_venv() -> None:
    """Makes the virtual environment, with Debian's separate venv package installed first where that is missing."""
    if (VENV / "bin" / "python").exists() and (VENV / "bin" / "pip").exists():
        return
    command = [sys.executable, "-m", "venv", "--clear", str(VENV)]
    if subprocess.run(command, check=False, stdout=subprocess.DEVNULL).returncode == 0:
        return
    package = f"python{sys.version_info.major}.{sys.version_info.minor}-venv"
    if hasattr(os, "geteuid") and os.geteuid() == 0:
        subprocess.run(["apt-get", "update", "-qq"], check=False)
        subprocess.run(["apt-get", "install", "-y", "-qq", package], check=False)
        if subprocess.run(command, check=False).returncode == 0:
            return
    fail(f"cannot make a virtual environment; install it with: sudo apt-get install {package}")


def fingerprint(extras: str) -> str:
    """A digest of everything that decides what is installed."""
    digest = hashlib.sha256(f"{sys.version} {extras}".encode())
    for path in (ROOT / "pyproject.toml", CONSTRAINTS, Path(__file__)):
        digest.update(path.read_bytes() if path.exists() else b"")
    return digest.hexdigest()


def pinned(package: str) -> str:
    """The pinned requirement of a package, as the constraints have it."""
    for line in CONSTRAINTS.read_text().splitlines():
        if line.lower().startswith(f"{package}=="):
            return line.strip()
    return package


def pip(*arguments: str) -> None:
    command = [str(VENV / "bin" / "python"), "-m", "pip", "--disable-pip-version-check", "-q", *arguments]
    if subprocess.run(command, check=False).returncode:
        fail(f"pip could not install; the command was: {' '.join(command)}")


def main() -> None:
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--extras", default="", help="extras of pyproject.toml, separated by commas")
    extras = parser.parse_args().extras
    if sys.version_info < OLDEST:
        fail(f"Python {OLDEST[0]}.{OLDEST[1]} or later is needed, this is {sys.version.split()[0]}")
    make_venv()
    wanted = fingerprint(extras)
    installed = STAMP.read_text().split() if STAMP.exists() else []
    if wanted in installed:
        return
    print("Installing into .venv (a minute or two the first time) …", flush=True)
    target = f"{ROOT}[{extras}]" if extras else str(ROOT)
    pip("install", "-c", str(CONSTRAINTS), "-e", target)
    # PaddleOCR brings opencv-contrib-python, which writes into the same folder as the headless build; only the headless
    # build runs without the libraries of a desktop, so it must be the one that was written last.
    pip("install", "--no-deps", "--force-reinstall", pinned(HEADLESS))
    STAMP.write_text(wanted)


if __name__ == "__main__":
    main()
