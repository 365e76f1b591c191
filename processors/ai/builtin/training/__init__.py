"""Trains the tone classifier: `python -m processors.ai.builtin.training`. Needs the extra `train`."""
