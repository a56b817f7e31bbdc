"""Answers that came ahead: to jobs of a turn that ended before they were asked for, and will be asked for again."""

from __future__ import annotations

from typing import TYPE_CHECKING, Final

from winnowd.model import Slice

if TYPE_CHECKING:
    from winnowd.model import Job, Stopped

_MOST: Final = 512  # answers, and
_MOST_CHARACTERS: Final = 8 << 20  # of text and records' own bytes


class Ahead:
    """What workers have said and nobody has taken yet; the newest of it, so that nothing piles up.

    A job names the arrival, how its file lay there, and the records: an equal one has an equal answer. Only records
    are kept. Why there are none is asked anew, since it may be the doing of a neighbour or of the machine.
    """

    def __init__(self) -> None:
        self._answers: dict[Job, Slice] = {}
        self._characters = 0

    def __len__(self) -> int:
        return len(self._answers)

    def put(self, job: Job, answer: Slice | Stopped) -> None:
        """Keep an answer, and let go of the oldest ones where there are too many."""
        self.pop(job)
        if not isinstance(answer, Slice):
            return
        self._answers[job] = answer
        self._characters += _weight(answer)
        while len(self._answers) > _MOST or self._characters > _MOST_CHARACTERS:
            self.pop(next(iter(self._answers)))

    def pop(self, job: Job) -> Slice | None:
        """The answer to an equal job, once; None if there is none."""
        answer = self._answers.pop(job, None)
        if answer is not None:
            self._characters -= _weight(answer)
        return answer

    def clear(self) -> None:
        """Keep nothing."""
        self._answers.clear()
        self._characters = 0


def _weight(answer: Slice) -> int:
    """Characters of what a small packed file may hold, too."""
    return sum(one.weight for one in answer.prepared)
