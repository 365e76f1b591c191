"""Trains the recogniser from rendered lines: `python -m processors.ocr.training`. Needs the extra `train`."""
