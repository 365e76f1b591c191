"""The factorised loss against PyTorch's own over the whole alphabet, and its gradient against differences."""

import pytest

from processors.ocr.engines.charset import FINALS, INITIALS, MEDIALS
from processors.ocr.training.alphabet import Alphabet, charset

CHARSET = charset()
pytestmark = pytest.mark.usefixtures("pytorch")


def test_the_loss_is_that_of_ctc_over_the_whole_alphabet() -> None:
    import torch
    from torch.nn import functional

    from processors.ocr.training.loss import line_losses
    from processors.ocr.training.model import log_probabilities

    torch.manual_seed(1)
    text = "가각가 ㅋㅋ!"
    parts = torch.from_numpy(Alphabet(CHARSET).classes(text).parts)[None]
    scores = torch.randn(1, 24, CHARSET.columns, dtype=torch.float64)
    symbols = torch.tensor([[text.index(letter) + 1 for letter in text]])
    frames, lengths = torch.tensor([24]), torch.tensor([len(text)])
    head, initial, medial, final = log_probabilities(scores, CHARSET)
    syllables = head[..., 1:2, None, None] + initial[..., :, None, None] + medial[..., None, :, None]
    syllables = syllables + final[..., None, None, :]
    everything = torch.cat([head[..., :1], head[..., 2:], syllables.flatten(2)], -1)
    assert torch.allclose(everything.exp().sum(-1), torch.ones(1, 24, dtype=torch.float64))
    others = CHARSET.head_width - 2
    targets = [
        others + 1 + (i * MEDIALS + m) * FINALS + f if kind == 1 else kind - 1 for kind, i, m, f in parts[0].tolist()
    ]
    assert max(targets) < 1 + others + INITIALS * MEDIALS * FINALS
    whole = functional.ctc_loss(everything.permute(1, 0, 2), torch.tensor([targets]), frames, lengths, reduction="none")
    assert torch.allclose(line_losses(scores, parts, symbols, frames, lengths, CHARSET), whole)


def test_the_gradient_is_that_of_the_loss() -> None:
    import torch

    from processors.ocr.training.loss import line_losses

    torch.manual_seed(2)
    parts = torch.from_numpy(Alphabet(CHARSET).classes("한글a").parts)[None]
    arguments = (parts, torch.tensor([[1, 2, 3]]), torch.tensor([9]), torch.tensor([3]), CHARSET)
    scores = torch.randn(1, 9, CHARSET.columns, dtype=torch.float64, requires_grad=True)
    (gradient,) = torch.autograd.grad(line_losses(scores, *arguments).sum(), scores)
    direction = torch.randn_like(scores)
    step = 1e-6
    with torch.no_grad():
        ahead, behind = (line_losses(scores + sign * step * direction, *arguments).sum() for sign in (1, -1))
    assert float((ahead - behind) / (2 * step)) == pytest.approx(float((gradient * direction).sum()), rel=1e-5)


def test_a_line_with_too_few_frames_teaches_nothing() -> None:
    import torch

    from processors.ocr.training.loss import line_losses

    parts = torch.from_numpy(Alphabet(CHARSET).classes("가나다라").parts)[None]
    scores = torch.randn(1, 6, CHARSET.columns, requires_grad=True)
    loss = line_losses(scores, parts, torch.tensor([[1, 2, 3, 4]]), torch.tensor([3]), torch.tensor([4]), CHARSET)
    loss.sum().backward()
    assert float(loss.detach().sum()) == 0
    assert scores.grad is not None
    assert float(scores.grad.abs().max()) == 0
