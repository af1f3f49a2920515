"""Curves of classifiers: ROC and precision against recall, and their thinning.

They are those of scikit-learn, which the original asks for them, but need nothing but numpy: scores
are taken from the highest to the lowest, and each distinct one is a threshold at which true and
false positives are counted (T. Fawcett, "An introduction to ROC analysis", 2006, algorithm 1).
"""

from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any, TypeVar

from wandb._base.terminal import termwarn

if TYPE_CHECKING:
    import numpy as np

    Numbers = np.ndarray[Any, Any]

Curve = tuple["Numbers", "Numbers"]
Drawn = TypeVar("Drawn")

_SEED = 42
_DIGITS = 3


class Scores:
    """The true classes of samples, and what a classifier gave each class.

    Args:
        y_true: One class for each sample: whole numbers, texts or truths.
        y_probas: Of shape (samples, classes), the classes in order.

    Raises:
        ValueError: One of them is missing, they are not of these shapes, or hold NaN.
    """

    def __init__(self, y_true: Any, y_probas: Any) -> None:
        import numpy as np

        if y_true is None or y_probas is None:
            raise ValueError("pass both `y_true` and `y_probas`")
        self.truths = _array("y_true", y_true)
        self.scores = _array("y_probas", y_probas)
        self.classes = np.unique(self.truths)
        self._check()

    def _check(self) -> None:
        import numpy as np

        if self.truths.ndim != 1 or self.truths.size == 0:
            raise ValueError(
                f"`y_true` must be a list of classes, not of shape {self.truths.shape}"
            )
        if self.truths.dtype.kind == "f" and not np.all(self.truths == np.floor(self.truths)):
            raise ValueError("`y_true` must hold classes: whole numbers, texts or truths")
        if self.scores.ndim != 2 or len(self.scores) != len(self.truths):
            raise ValueError(
                f"`y_probas` must be of shape ({len(self.truths)}, classes), "
                f"not {self.scores.shape}"
            )
        if self.scores.dtype.kind not in "fiub" or not np.all(np.isfinite(self.scores)):
            raise ValueError("`y_probas` must hold finite numbers")

    def curves(
        self,
        draw: "Callable[[Scores, int], Drawn]",
        classes: Any,
        labels: Sequence[str] | None,
    ) -> "dict[Any, Drawn]":
        """Draw the classes that are to be drawn; return their curves by their labels.

        Args:
            draw: Draws one, given these scores and its place.
            classes: Which; all if None.
            labels: Names for classes that are whole numbers.

        Raises:
            ValueError: None of the classes occurs, or one has no label or no scores.
        """
        import numpy as np

        wanted = self.classes if classes is None else classes
        places = np.flatnonzero(np.isin(self.classes, wanted)).tolist()
        if not places:
            raise ValueError("none of the `classes_to_plot` is in `y_true`")
        if places[-1] >= self.scores.shape[1]:
            raise ValueError(
                f"`y_probas` has scores of {self.scores.shape[1]} classes, and `y_true` has "
                f"{len(self.classes)} classes: pass scores of each"
            )
        return {self._label(place, labels): draw(self, place) for place in places}

    def _label(self, place: int, labels: Sequence[str] | None) -> Any:
        one = self.classes[place].item()
        if labels is None or self.classes.dtype.kind not in "iu":
            return one
        try:
            return labels[one]
        except (IndexError, KeyError) as error:
            raise ValueError(f"`labels` has no name for the class {one}") from error

    def positives(self, place: int) -> Curve:
        """Count false and true positives of a class at each threshold, the highest first."""
        import numpy as np

        scores = self.scores[:, place]
        order = np.argsort(scores, kind="stable")[::-1]
        scores, positive = scores[order], (self.truths == self.classes[place])[order]
        last_of_its_score = np.append(np.flatnonzero(np.diff(scores)), scores.size - 1)
        true = np.cumsum(positive, dtype=np.float64)[last_of_its_score]
        return 1.0 + last_of_its_score - true, true


def _array(name: str, values: Any) -> "Numbers":
    import numpy as np

    try:
        return np.array(values)
    except ValueError as err:
        raise ValueError(f"`{name}` must be an array, its rows of one length: {err}") from err


def roc(scores: Scores, place: int) -> Curve:
    """Return the false and the true positive rate at each threshold, both rising from 0.

    Points in the middle of a straight line are left out. Rates of what does not occur are NaN.
    """
    import numpy as np

    false, true = scores.positives(place)
    if len(false) > 2:
        bends = (np.diff(false, 2) != 0) | (np.diff(true, 2) != 0)
        kept = np.concatenate([[True], bends, [True]])
        false, true = false[kept], true[kept]
    return _share(np.append(0.0, false)), _share(np.append(0.0, true))


def _share(counts: "Numbers") -> "Numbers":
    import numpy as np

    if counts[-1] <= 0:
        return np.full(counts.shape, np.nan)
    return counts / counts[-1]  # type: ignore[no-any-return]


def precision_at(scores: Scores, place: int, recalls: "Numbers") -> "Numbers":
    """Return the precision that a class can have at each of some recalls.

    It is the best one of all thresholds whose recall is as high, so that it never rises with it.
    """
    import numpy as np

    false, true = scores.positives(place)
    precision, recall = true / (true + false), true / true[-1]
    # From no recall at all, where every prediction made is right, to all of it.
    precision, recall = np.append(1.0, precision), np.append(0.0, recall)
    highest = np.maximum.accumulate(precision[::-1])[::-1]
    best: Numbers = highest[np.searchsorted(recall, recalls, side="left")]
    return best


def rows_of(columns: "dict[str, Sequence[Any] | Numbers]", order: Sequence[str]) -> list[list[Any]]:
    """Make the rows of a chart's table: rounded, and no more than a table takes.

    Args:
        columns: The columns by name; `class` is one of them.
        order: By which columns rows that were thinned are sorted.
    """
    import numpy as np

    from wandb.data_types.table import Table

    made = {name: _rounded(np.asarray(values)) for name, values in columns.items()}
    rows = len(made["class"])
    if rows > Table.MAX_ROWS:
        termwarn(
            f"The curve has {rows} points; {Table.MAX_ROWS} of them, drawn from all classes, "
            "are kept. Raise `wandb.Table.MAX_ROWS` for more.",
        )
        kept = drawn(made["class"], Table.MAX_ROWS)
        made = {name: values[kept] for name, values in made.items()}
        sorted_ = np.lexsort([made[name] for name in reversed(order)])
        made = {name: values[sorted_] for name, values in made.items()}
    return [list(row) for row in zip(*(values.tolist() for values in made.values()), strict=True)]


def _rounded(values: "Numbers") -> "Numbers":
    return values.round(_DIGITS) if values.dtype.kind == "f" else values


def drawn(classes: "Numbers", most: int) -> "Numbers":
    """Draw members of a list, from each class in proportion, the same ones each time.

    Each class gives its share rounded down; what is missing then is given, one each, by those
    whose shares lost most, by lot among equals. The generator and the order of its draws are
    those of scikit-learn's stratified `resample`, so that the same members are drawn.

    Args:
        classes: The class of each member.
        most: How many are drawn.

    Returns:
        The places of what was drawn, in the order of the classes.
    """
    import numpy as np

    chance = np.random.RandomState(_SEED)
    found, places = np.unique(classes, return_inverse=True)
    shares = _shares(np.bincount(places), most, chance)
    members = (np.flatnonzero(places == one) for one in range(len(found)))
    return np.concatenate(
        [
            chance.choice(of_one, share, replace=False)
            for of_one, share in zip(members, shares, strict=True)
        ]
    )


def _shares(counts: "Numbers", most: int, chance: Any) -> list[int]:
    import numpy as np

    exact = counts / counts.sum() * most
    shares = np.floor(exact)
    missing, lost = int(most - shares.sum()), exact - shares
    for loss in np.unique(lost)[::-1]:
        if missing <= 0:
            break
        equals = np.flatnonzero(lost == loss)
        given = min(len(equals), missing)
        shares[chance.choice(equals, size=given, replace=False)] += 1
        missing -= given
    whole: list[int] = shares.astype(int).tolist()
    return whole
