"""Learning from what a larger network says of each frame, beside the text itself (Hinton et al. 2015)."""

import torch
from torch import Tensor

from processors.ocr.engines.charset import HANGUL, Charset
from processors.ocr.training.model import log_probabilities


def frame_divergence(scores: Tensor, taught: Tensor, frames: Tensor, charset: Charset) -> Tensor:
    """How far each line's frames are from the teacher's, in nats, shape (lines,).

    The Kullback-Leibler divergence of whole characters: the parts of a syllable count as much as the teacher believes
    that there is one. `scores` and `taught` (lines, time, columns) as two networks of one charset give them; `frames`
    (lines,), in the main memory, says how many of each line are used.
    """
    with torch.no_grad():
        theirs = log_probabilities(taught, charset)
        syllable = theirs[0][..., HANGUL].exp()
    head, *parts = (
        (their.exp() * (their - our)).sum(-1)
        for their, our in zip(theirs, log_probabilities(scores, charset), strict=True)
    )
    apart = head + syllable * sum(parts)
    used = torch.arange(scores.shape[1], device=scores.device)[None] < frames.to(scores.device)[:, None]
    divergence: Tensor = (apart * used).sum(1)
    return divergence
