"""CTC over the factorised alphabet (Graves et al. 2006): each line is scored over the characters it holds, whose
log-probabilities are gathered from the four blocks, instead of over all 11,172 syllables."""

from typing import Any

import torch
from torch import Tensor
from torch.nn import functional

from processors.ocr.engines.charset import BLANK, HANGUL, Charset
from processors.ocr.training.model import log_probabilities


class _Ctc(torch.autograd.Function):
    """`ctc_loss` whose gradient does not presume that the symbols it is given are all there are.

    PyTorch's backward returns exp(log p) - posterior, the gradient through a log-softmax over those symbols. Ours are a
    part of the alphabet, so the true gradient with respect to log p is - posterior alone.
    """

    @staticmethod
    def forward(ctx: Any, log_p: Tensor, targets: Tensor, frames: Tensor, lengths: Tensor) -> Tensor:
        with torch.enable_grad():
            leaf = log_p.detach().requires_grad_()
            loss = functional.ctc_loss(leaf, targets, frames, lengths, reduction="none", zero_infinity=True)
            (gradient,) = torch.autograd.grad(loss.sum(), leaf)
        steps = torch.arange(log_p.shape[0], device=log_p.device)[:, None]
        counted = (steps < frames.to(log_p.device)[None]) & (loss.detach() > 0)[None]
        ctx.save_for_backward(gradient - log_p.exp() * counted[..., None])
        return loss.detach()

    @staticmethod
    def backward(ctx: Any, *gradients: Tensor) -> tuple[Tensor, None, None, None]:
        (gradient,) = ctx.saved_tensors
        return gradient * gradients[0][None, :, None], None, None, None


def line_losses(
    scores: Tensor, parts: Tensor, symbols: Tensor, frames: Tensor, lengths: Tensor, charset: Charset
) -> Tensor:
    """Negative log-likelihood of each line in nats, shape (lines,); 0 for a line with too few frames for its text.

    `scores` (lines, time, columns) as the network gives them; `parts` (lines, characters, 4) as `Alphabet.classes` has
    them; `symbols` (lines, characters) number the distinct characters of each line from 1; `frames` and `lengths` say
    how much of each is used; these two lie in the main memory, wherever the others are.
    """
    head, initial, medial, final = log_probabilities(scores, charset)
    lines, time, _ = head.shape
    index = parts[:, None].expand(lines, time, parts.shape[1], 4)
    log_p = head.gather(2, index[..., 0])
    syllable = initial.gather(2, index[..., 1]) + medial.gather(2, index[..., 2]) + final.gather(2, index[..., 3])
    log_p = log_p + syllable * (parts[..., 0] == HANGUL)[:, None]
    blank = head[..., BLANK : BLANK + 1]
    loss: Tensor = _Ctc.apply(torch.cat([blank, log_p], -1).permute(1, 0, 2).contiguous(), symbols, frames, lengths)
    return loss
