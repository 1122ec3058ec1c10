"""Training: batches in, weights out; stops by the clock, goes on from a checkpoint, keeps averaged weights."""

from __future__ import annotations

import logging
import math
import time
import timeit
from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from functools import cache, partial
from itertools import chain
from pathlib import Path
from typing import Any

import numpy as np
import onnx
import torch
from rapidfuzz.distance import Levenshtein
from torch.nn import functional as F  # noqa: N812

from ocrfill.pipeline.recognition.ctc_line import network_line, padded
from ocrfill.pipeline.recognition.line_images import LabelledLine
from ocrfill.training.batch_workers import BatchSupply, LineBatch, LineSource, batches
from ocrfill.training.dataset import LineStore
from ocrfill.training.onnx_to_torch import OnnxGraph

logger = logging.getLogger(__name__)

STATE_FILE_NAME = "state.pt"
MODEL_FILE_NAME = "model.onnx"

REPORTED_LINES = 120
"""Lines a set that are read for a report on the way."""


@dataclass(frozen=True, slots=True)
class TrainingPlan:
    """How to train. `rate` is the peak; the head, and what is new before it, learn `head_factor` times as fast.

    The rate rises over `warm_up` steps, stays, and falls over the last `cooling` share of the sitting's time. `average`
    is the decay of the running mean of the weights, which is what is measured and exported. `hint` weighs what a
    network learns from a teacher that learns beside it. `processes` make the lines; 0: this process itself.
    """

    minutes: float = 30.0
    batch: int = 16
    rate: float = 8e-4
    head_factor: float = 2.0
    warm_up: int = 150
    cooling: float = 0.4
    decay: float = 0.01
    average: float = 0.999
    strength: float = 0.8
    hint: float = 2.0
    seed: int = 1
    report_minutes: float = 5.0
    device: str = "cpu"
    processes: int = 0


@dataclass(frozen=True, slots=True)
class LineScores:
    """What a set of lines gave, read greedily: characters wrong, lines wholly right, both as shares."""

    cer: float
    exact: float
    lines: int


@cache
def bfloat16_pays(device: str) -> bool:
    """Whether the device computes sooner in numbers of half the length (bfloat16).

    A GPU does, and processors that have instructions for them; others take nine times as long. That is tried on a small
    layer, by the best of some times: the first prepares it, and others may be at work.
    """
    if device != "cpu":
        return True
    lines, weights = torch.rand(4, 64, 24, 128), torch.rand(64, 64, 3, 3)
    whole, half = (
        min(timeit.repeat(partial(F.conv2d, lines.to(kind), weights.to(kind)), number=1, repeat=4))
        for kind in (torch.float32, torch.bfloat16)
    )
    return half < whole


class Training:
    """A network in training: its weights, their running mean, the optimizer and the count of steps."""

    def __init__(self, model: Any, alphabet: str, plan: TrainingPlan) -> None:
        torch.manual_seed(plan.seed)
        self.model, self.alphabet, self.plan = model, alphabet, plan
        self.network = OnnxGraph(model).to(plan.device, memory_format=torch.channels_last)  # 1.5 times as fast
        learning = [p for p in self.network.parameters() if p.requires_grad]
        young = {id(p) for key, p in self.network.weights.items() if key.startswith(("head_", "context_"))}
        groups = [
            {"params": [p for p in learning if id(p) not in young], "factor": 1.0},
            {"params": [p for p in learning if id(p) in young], "factor": plan.head_factor},
        ]
        self.optimizer = torch.optim.AdamW(
            groups, lr=plan.rate, weight_decay=plan.decay, betas=(0.9, 0.98), fused=plan.device != "cpu"
        )
        self.mean = {key: p.detach().clone() for key, p in self.network.weights.items()}
        self.step = 0
        self.before = 0  # steps that the weights it began with had learnt already

    def run(
        self,
        sources: Sequence[LineSource],
        validation: Mapping[str, Sequence[LabelledLine]],
        folder: Path,
        clock: Callable[[], float] = time.monotonic,
    ) -> dict[str, LineScores]:
        """Train for the plan's minutes; every now and then measure, and write checkpoint and model into the folder."""
        return train_together([(self, folder)], sources, validation, clock)[0]

    def learn(
        self, batch: LineBatch, rate: float, teacher: torch.Tensor | None = None
    ) -> tuple[torch.Tensor, torch.Tensor]:
        """One step: the loss, per line and letter, and the log probabilities (lines, steps, classes) it came from, both
        left on the device. `teacher` are another network's on the same lines, at the same steps.
        """
        with torch.autocast(self.plan.device, torch.bfloat16, enabled=bfloat16_pays(self.plan.device)):
            logits = self.network(batch.images(self.plan.device))
        scores = F.log_softmax(logits.float(), -1)
        steps = torch.full((len(batch.lengths),), scores.shape[1])
        targets = batch.targets.to(self.plan.device)
        loss = F.ctc_loss(scores.transpose(0, 1), targets, steps, batch.lengths, zero_infinity=True)
        whole = (
            loss
            if teacher is None
            else loss
            + self.plan.hint
            * F.kl_div(scores.flatten(0, 1), teacher.flatten(0, 1), reduction="batchmean", log_target=True)
        )
        for group in self.optimizer.param_groups:
            group["lr"] = rate * group["factor"]
        self.optimizer.zero_grad(set_to_none=True)
        whole.backward()
        torch.nn.utils.clip_grad_norm_(self.network.parameters(), 2.0)
        self.optimizer.step()
        self.step += 1
        keep = min(self.plan.average, (self.step + 1) / (self.step + 10))
        with torch.no_grad():
            torch._foreach_lerp_(list(self.mean.values()), list(self.network.weights.values()), 1 - keep)
        return loss.detach(), scores.detach()

    def _tensor(self, image: np.ndarray[Any, Any]) -> torch.Tensor:
        return torch.from_numpy(padded(image)[None, None]).to(self.plan.device)

    def measure(
        self, sets: Mapping[str, Sequence[LabelledLine]], store: LineStore, most: int | None = None
    ) -> dict[str, LineScores]:
        """Greedy reading with the averaged weights, `most` lines a set spread evenly over it."""
        return {name: self._scores(_spread(lines, most), store) for name, lines in sets.items() if lines}

    def _scores(self, lines: Sequence[LabelledLine], store: LineStore) -> LineScores:
        wrong = letters = exact = 0
        with _Swapped(self.network, self.mean), torch.no_grad():
            for line in lines:
                logits = self.network(self._tensor(network_line(store.framed(line))))
                text = greedy_text(logits[0].argmax(-1).tolist(), self.alphabet)
                wrong += Levenshtein.distance(line.text, text)
                letters += len(line.text)
                exact += line.text == text
        return LineScores(wrong / letters, exact / len(lines), len(lines))

    def save(self, folder: Path) -> None:
        """Write the model (averaged weights) and the state to go on from, each whole or not at all."""
        folder.mkdir(parents=True, exist_ok=True)
        state = {
            "weights": self.network.state_dict(),
            "mean": self.mean,
            "optimizer": self.optimizer.state_dict(),
            "step": self.step,
            "before": self.before,
        }
        torch.save(state, folder / f"{STATE_FILE_NAME}.new")
        (folder / f"{STATE_FILE_NAME}.new").replace(folder / STATE_FILE_NAME)
        with _Swapped(self.network, self.mean):
            self.network.write_into(self.model)
        onnx.save(self.model, str(folder / f"{MODEL_FILE_NAME}.new"))
        (folder / f"{MODEL_FILE_NAME}.new").replace(folder / MODEL_FILE_NAME)

    def resume(self, state: Path) -> None:
        """Go on from a state written by `save`, of the same network and alphabet."""
        saved = torch.load(state, map_location=self.plan.device, weights_only=True)
        self.network.load_state_dict(saved["weights"])
        self.mean = saved["mean"]
        self.optimizer.load_state_dict(saved["optimizer"])
        self.step, self.before = saved["step"], saved["before"]


def train_together(
    trainings: Sequence[tuple[Training, Path]],
    sources: Sequence[LineSource],
    validation: Mapping[str, Sequence[LabelledLine]],
    clock: Callable[[], float] = time.monotonic,
) -> list[dict[str, LineScores]]:
    """Train networks on the same lines for the minutes of the first one's plan, each with its work folder.

    The first teaches the others, which must have a step where it has one.
    """
    first = trainings[0][0]
    plan, store = first.plan, LineStore()
    classes = {letter: number for number, letter in enumerate(first.alphabet, 1)}
    supply = BatchSupply(sources, classes, plan.batch, plan.strength, (plan.seed, first.step))
    report, begun = plan.report_minutes * 60, first.step
    mean: list[torch.Tensor | None] = [None] * len(trainings)
    stream = batches(supply, plan.processes)
    opening, start = next(stream), clock()  # what the first lines take to make is not the sitting's time
    for batch in chain([opening], stream):
        done = (clock() - start) / (plan.minutes * 60)
        if done >= 1:
            break
        rate, teacher = _rate(plan, done, first.step - begun), None
        for i, (training, _) in enumerate(trainings):
            loss, scores = training.learn(batch, rate, teacher)
            teacher = scores if teacher is None else teacher
            mean[i] = loss if (before := mean[i]) is None else before.lerp(loss, 0.02)
        if clock() - start >= report:
            report += plan.report_minutes * 60
            for (training, folder), loss in zip(trainings, mean, strict=True):
                training.save(folder)
                scores_now = training.measure(validation, store, most=REPORTED_LINES)
                logger.info(
                    "%.1f min, step %d, loss %.3f: %s", (clock() - start) / 60, training.step, loss, shown(scores_now)
                )
    found = []
    for training, folder in trainings:
        training.save(folder)
        found.append(training.measure(validation, store))
        logger.info("end, step %d: %s", training.step, shown(found[-1]))
    return found


def _rate(plan: TrainingPlan, done: float, steps: int) -> float:
    rising = min(1.0, (steps + 1) / plan.warm_up)
    falling = min(1.0, (1 - done) / plan.cooling)
    return plan.rate * rising * (0.5 - 0.5 * math.cos(math.pi * falling) + 0.005)


class _Swapped:
    """Inside, the network has other weights; its own come back at the end."""

    def __init__(self, network: OnnxGraph, weights: Mapping[str, torch.Tensor]) -> None:
        self._network, self._weights = network, weights

    def __enter__(self) -> None:
        self._own = {key: p.detach().clone() for key, p in self._network.weights.items()}
        self._put(self._weights)

    def __exit__(self, *_: object) -> None:
        self._put(self._own)

    def _put(self, weights: Mapping[str, torch.Tensor]) -> None:
        with torch.no_grad():
            for key, p in self._network.weights.items():
                p.copy_(weights[key])


def greedy_text(classes: Sequence[int], alphabet: str) -> str:
    """The text of the likeliest class of each step: repeats once, blanks gone."""
    kept = (c for i, c in enumerate(classes) if c and (i == 0 or classes[i - 1] != c))
    return " ".join("".join(alphabet[c - 1] for c in kept).split())


def shown(scores: Mapping[str, LineScores]) -> str:
    """Scores in a line for the log."""
    return ", ".join(f"{name} CER {s.cer:.4f} exact {s.exact:.3f} ({s.lines})" for name, s in scores.items())


def _spread(lines: Sequence[LabelledLine], most: int | None) -> Sequence[LabelledLine]:
    if most is None or len(lines) <= most:
        return lines
    return [lines[i * len(lines) // most] for i in range(most)]
