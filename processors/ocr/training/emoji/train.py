"""The training loop: from drawings to a network whose loss has come to rest."""

import logging
import time
from collections.abc import Sequence

import torch
from torch import nn

from processors.ocr.training.emoji.model import EmojiNet
from processors.ocr.training.emoji.pictures import Drawing
from processors.ocr.training.emoji.samples import Sampler

log = logging.getLogger(__name__)

BATCH = 96
HIGHEST_RATE = 4e-3
REPORT_EVERY = 250


def train(drawings: Sequence[Drawing], steps: int, seed: int, batch_size: int = BATCH) -> tuple[EmojiNet, list[float]]:
    """A network after `steps` batches of crops of the drawings that are not held out, and the loss of each batch. Runs
    on one thread, so that sums come in one order."""
    torch.set_num_threads(1)
    torch.manual_seed(seed)
    model = EmojiNet()
    optimiser = torch.optim.AdamW(model.parameters(), lr=HIGHEST_RATE, weight_decay=0.01)
    schedule = torch.optim.lr_scheduler.OneCycleLR(optimiser, HIGHEST_RATE, total_steps=steps, pct_start=0.15)
    criterion = nn.CrossEntropyLoss(label_smoothing=0.05)
    sampler = Sampler([drawing for drawing in drawings if not drawing.held_out], seed)
    losses: list[float] = []
    started = time.monotonic()
    model.train()
    for step in range(1, steps + 1):
        batch = sampler.batch(batch_size)
        loss = criterion(model(torch.from_numpy(batch.inputs)), torch.from_numpy(batch.labels))
        optimiser.zero_grad()
        loss.backward()
        nn.utils.clip_grad_norm_(model.parameters(), 5.0)
        optimiser.step()
        schedule.step()
        losses.append(loss.item())
        if step % REPORT_EVERY == 0 or step == steps:
            recent = losses[-REPORT_EVERY:]
            left = (time.monotonic() - started) / step * (steps - step)
            log.info("step %d of %d, loss %.3f, %.0f s left", step, steps, sum(recent) / len(recent), left)
    model.eval()
    return model, losses
