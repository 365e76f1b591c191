"""The training loop: as many processes as there are cores, each on one thread, their gradients averaged at every step.

Two processes of one thread learn faster on two cores than one of two. Convolutions run in bfloat16, which costs nothing
in accuracy and is twice as fast where the processor has instructions for it; losses and weights are float32.

On a GPU one process learns, from larger batches that others prepare for it.
"""

import json
import math
import time
from collections.abc import Iterator, Sequence
from pathlib import Path
from typing import Any

import cv2
import torch
from torch import Tensor, distributed, multiprocessing, nn

from processors.ocr.engines.charset import Charset
from processors.ocr.training.alphabet import Alphabet, charset
from processors.ocr.training.batches import Batch, Batcher
from processors.ocr.training.distilling import frame_divergence
from processors.ocr.training.feeding import Source, ahead, prepared
from processors.ocr.training.loss import line_losses
from processors.ocr.training.measure import Score, score
from processors.ocr.training.model import Exported, LineNetwork, load_network
from processors.ocr.training.plan import Plan
from processors.ocr.training.shards import Line, ShardPool, read_folder
from processors.ocr.training.warmstart import start_from

CHECKPOINT, AVERAGED, LOG = "checkpoint.pt", "averaged.pt", "log.jsonl"
AVERAGING = 0.998
"""Weights are averaged over the last 1 / (1 - AVERAGING) steps or so; what is measured and shipped is the average."""
WARM_UP_STEPS, WARM_UP_SHARE = 150, 0.05
"""The learning rate rises over so many steps, or over this share of a short training."""
LAST_RATE = 0.005
"""Share of the learning rate that is left at the end."""
TEACHING = 1.0
"""Weight of a nat that a frame is away from its teacher; a nat of the text weighs 1."""
LONGEST_STEP = 3.0
"""Norm that gradients are clipped to."""
REPORT_SECONDS = 20.0


def train(plan: Plan) -> Path:
    """Trains, or goes on where an interrupted run of the same plan stopped. Returns the file of averaged weights."""
    plan.out.mkdir(parents=True, exist_ok=True)
    meeting = plan.out / "meeting"
    meeting.unlink(missing_ok=True)
    multiprocessing.spawn(_work, (plan,), plan.learners, join=True)
    meeting.unlink(missing_ok=True)
    return plan.out / AVERAGED


def _work(rank: int, plan: Plan) -> None:
    torch.set_num_threads(1)
    torch.set_flush_denormal(True)
    cv2.setNumThreads(1)
    if plan.learners > 1:
        meeting = f"file://{(plan.out / 'meeting').resolve()}"
        distributed.init_process_group("gloo", init_method=meeting, rank=rank, world_size=plan.learners)
    Worker(rank, plan).run()
    if plan.learners > 1:
        distributed.destroy_process_group()


class Worker:
    """One process. All hold the same weights; the first one measures and saves."""

    def __init__(self, rank: int, plan: Plan) -> None:
        self.rank = rank
        self.plan = plan
        self.charset: Charset = charset(whole_syllables=plan.whole_syllables)
        self.alphabet = Alphabet(self.charset)
        torch.manual_seed(plan.seed)
        self.network = LineNetwork(self.charset, plan.shape)
        self.step = self.seen = 0
        self.elapsed = 0.0
        saved: dict[str, Any] | None = None
        if (plan.out / CHECKPOINT).exists():
            saved = torch.load(plan.out / CHECKPOINT, map_location=plan.device, weights_only=True)
            self.network.load_state_dict(saved["network"])
            self.step, self.seen, self.elapsed = saved["step"], saved["seen"], saved["elapsed"]
        elif plan.start is not None:
            start_from(self.network, plan.start, self._examples())
        self.network = self.network.to(plan.device, memory_format=torch.channels_last)
        state = self.network.state_dict()
        self.averaged = saved["averaged"] if saved else {name: value.clone() for name, value in state.items()}
        self._averages = [(self.averaged[n], value) for n, value in state.items() if value.dtype.is_floating_point]
        self._counts = [(self.averaged[n], value) for n, value in state.items() if not value.dtype.is_floating_point]
        self.optimiser = _optimiser(self.network, plan.rate)
        if saved is not None:
            self.optimiser.load_state_dict(saved["optimiser"])
        self.teacher = None
        if plan.teacher is not None:
            self.teacher = load_network(*plan.teacher).to(plan.device, memory_format=torch.channels_last)
        self.parameters = list(self.network.parameters())
        self.source = Source(
            plan.shards,
            plan.seed,
            self.step,
            torch.tensor(self.progress).share_memory_(),
            plan.start is None,
            plan.columns,
            plan.stirred,
            plan.whole_syllables,
        )
        self._characters = 0
        self._loss = torch.zeros((), device=plan.device)

    def _examples(self) -> list[Tensor]:
        """Some lines as they are, one width for all."""
        batcher = Batcher(self.alphabet, None)
        lines = ShardPool(self.plan.shards, self.plan.seed).take(1)[:600]
        return [max(batcher.batches(lines), key=lambda batch: len(batch.texts)).pixels]

    @property
    def progress(self) -> float:
        """From 0 to 1: by lines or by time, whichever is further."""
        return min(1.0, max(self.seen / self.plan.lines, self.elapsed / (60 * self.plan.minutes)))

    def run(self) -> None:
        self.network.train()
        reported = started = time.monotonic()
        before, seen_before = self.elapsed, self.seen
        # What starts from nothing reads nothing yet.
        next_measure = self.seen + (0 if self.seen == 0 and self.plan.start else self.plan.measured)
        for batch in self._batches():
            if self.rank == 0 and self.seen >= next_measure:
                self._save(self._measure())
                next_measure = self.seen + self.plan.measured
            self._learn(batch, before + time.monotonic() - started)
            if self.rank == 0 and time.monotonic() - reported > REPORT_SECONDS:
                reported = time.monotonic()
                speed = (self.seen - seen_before) / (reported - started)
                print(
                    f"{100 * self.progress:5.1f} %  {self.seen:,} lines  {speed:.0f} lines/s  "
                    f"{float(self._loss) / max(1, self._characters):.4f} nats/character  rate {self._rate():.1e}",
                    flush=True,
                )
                self._loss.zero_()
                self._characters = 0
            if self.progress >= 1:
                break
        if self.rank == 0:
            self._save(self._measure())

    def _batches(self) -> Iterator[Batch]:
        if self.plan.device == "cpu":
            return ahead(lambda: self.source.batches(self.rank, self.plan.learners))
        return ahead(lambda: prepared(self.source, self.plan.processes))

    def _rate(self) -> float:
        """Warm-up, then half a cosine down to LAST_RATE of the plan's rate."""
        risen = min(1.0, max((self.step + 1) / WARM_UP_STEPS, self.progress / WARM_UP_SHARE))
        if not self.plan.annealed:
            return self.plan.rate * risen
        cosine = 0.5 * (1 + math.cos(math.pi * self.progress))
        return self.plan.rate * risen * (LAST_RATE + (1 - LAST_RATE) * cosine)

    def _learn(self, batch: Batch, elapsed: float) -> None:
        for group in self.optimiser.param_groups:
            group["lr"] = self._rate()
        pixels, parts, symbols = (
            each.to(self.plan.device, non_blocking=True) for each in (batch.pixels, batch.parts, batch.symbols)
        )
        with torch.autocast(self.plan.device, torch.bfloat16):
            scores = self.network(pixels).float()
        losses = line_losses(scores, parts, symbols, batch.frames, batch.lengths, self.charset)
        if self.teacher is not None:
            with torch.no_grad(), torch.autocast(self.plan.device, torch.bfloat16):
                taught = self.teacher(pixels).float()
            losses = losses + TEACHING * frame_divergence(scores, taught, batch.frames, self.charset)
        lines, characters, self.elapsed = len(batch.texts), int(batch.lengths.sum()), elapsed
        self.optimiser.zero_grad(set_to_none=True)
        if self.plan.learners == 1:
            (losses.sum() / characters).backward()
        else:
            losses.sum().backward()
            lines, characters, self.elapsed = self._shared_gradients(lines, characters, elapsed * (self.rank == 0))
        nn.utils.clip_grad_norm_(self.parameters, LONGEST_STEP)
        self.optimiser.step()
        self.step += 1
        self.seen += lines
        self.source.progress.fill_(self.progress)
        self._characters += int(batch.lengths.sum())
        self._loss += losses.detach().sum()
        if self.rank == 0:
            self._average()

    def _shared_gradients(self, lines: int, characters: int, elapsed: float) -> tuple[int, int, float]:
        """Gives all processes the gradients of all, a character; returns the sums of what each of them tells."""
        counts = torch.tensor([lines, characters, elapsed])
        shared = torch.cat([*(_gradient(each) for each in self.parameters), counts])
        distributed.all_reduce(shared)
        all_lines, all_characters, all_elapsed = shared[-3:].tolist()
        start = 0
        for parameter in self.parameters:
            end = start + parameter.numel()
            parameter.grad = (shared[start:end] / all_characters).view_as(parameter)
            start = end
        return int(all_lines), int(all_characters), all_elapsed

    def _average(self) -> None:
        keep = min(AVERAGING, (1 + self.step) / (10 + self.step))
        averages, values = zip(*self._averages, strict=True)
        with torch.no_grad():
            torch._foreach_lerp_(averages, values, 1 - keep)
            for average, value in self._counts:
                average.copy_(value)

    def _measure(self) -> dict[str, float]:
        """Character error rates of the averaged weights on the validation shards, by the folders' names."""
        network = LineNetwork(self.charset, self.plan.shape).to(self.plan.device)
        network.load_state_dict(self.averaged)
        return measure_sets(network, self.plan.validation)

    def _save(self, errors: dict[str, float]) -> None:
        """Writes checkpoint and averaged weights, each whole or not at all, and one line of the log."""
        state = {
            "network": self.network.state_dict(),
            "averaged": self.averaged,
            "optimiser": self.optimiser.state_dict(),
            "step": self.step,
            "seen": self.seen,
            "elapsed": self.elapsed,
        }
        for name, content in ((CHECKPOINT, state), (AVERAGED, self.averaged)):
            incoming = self.plan.out / f"{name}.incoming"
            torch.save(content, incoming)
            incoming.rename(self.plan.out / name)
        entry = {"lines": self.seen, "minutes": round(self.elapsed / 60, 1), "step": self.step, "errors": errors}
        with (self.plan.out / LOG).open("a") as log:
            log.write(json.dumps(entry) + "\n")
        print(f"measured: {entry}", flush=True)


def measure_network(network: LineNetwork, lines: Sequence[Line]) -> Score:
    """Reads the lines in float32, on the device of the network."""
    network.eval()
    exported = Exported(network)
    device = network.head.weight.device

    def run(batch: Batch) -> Any:
        with torch.no_grad():
            return exported(batch.pixels.to(device)).cpu().numpy()

    batcher = Batcher(Alphabet(network.charset), None)
    return score(run, batcher.batches(lines), network.charset)


def measure_sets(network: LineNetwork, validation: Path) -> dict[str, float]:
    """Character errors in per cent on the sets below a folder, by their names."""
    sets = [folder for folder in sorted(validation.iterdir()) if folder.is_dir()]
    return {each.name: round(100 * measure_network(network, read_folder(each)).character_errors, 3) for each in sets}


def _optimiser(network: LineNetwork, rate: float) -> torch.optim.Optimizer:
    """AdamW; scales, shifts and biases are not decayed."""
    parameters = list(network.parameters())
    groups = [
        {"params": [each for each in parameters if each.ndim > 1], "weight_decay": 0.02},
        {"params": [each for each in parameters if each.ndim <= 1], "weight_decay": 0.0},
    ]
    return torch.optim.AdamW(groups, rate, betas=(0.9, 0.98), fused=network.head.weight.is_cuda)


def _gradient(parameter: nn.Parameter) -> Tensor:
    return torch.zeros(parameter.numel()) if parameter.grad is None else parameter.grad.reshape(-1)
