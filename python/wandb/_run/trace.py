"""`Trace`: the trace of a chain of calls, put together piece by piece and logged to the run."""

from typing import Any

from wandb._run.session import session
from wandb.data_types.trace_tree import Result, Span, SpanKind, StatusCode, WBTraceTree
from wandb.errors import Error


class _OfSpan:
    """An attribute of a trace that is one of its span's."""

    def __set_name__(self, owner: type, name: str) -> None:
        self._name = name

    def __get__(self, trace: "Trace | None", owner: type) -> Any:
        return self if trace is None else getattr(trace._span, self._name)

    def __set__(self, trace: "Trace", value: Any) -> None:
        setattr(trace._span, self._name, value)


class Trace:
    """A piece of work and the pieces that it is made of, with what went in and came out.

    Args:
        name: What the work is called.
        kind: `LLM`, `CHAIN`, `AGENT` or `TOOL`, in any case.
        status_code: `SUCCESS` or `ERROR`, in any case.
        status_message: Words on how it ended.
        metadata: Anything else about it.
        start_time_ms: When it began, in milliseconds since 1970.
        end_time_ms: When it ended.
        inputs: What went in, by name.
        outputs: What came out, by name.
        model_dict: What the model is made of.

    Raises:
        ValueError: The kind or the status is another, or what should be a dict is none.

    Examples:
        >>> trace = Trace("answer", kind="LLM", inputs={"q": "2+2?"}, outputs={"a": "4"})
        >>> trace.log("trace")
    """

    name = _OfSpan()
    status_code = _OfSpan()
    status_message = _OfSpan()
    start_time_ms = _OfSpan()
    end_time_ms = _OfSpan()

    def __init__(
        self,
        name: str,
        kind: str | None = None,
        status_code: str | None = None,
        status_message: str | None = None,
        metadata: dict[str, Any] | None = None,
        start_time_ms: int | None = None,
        end_time_ms: int | None = None,
        inputs: dict[str, Any] | None = None,
        outputs: dict[str, Any] | None = None,
        model_dict: dict[str, Any] | None = None,
    ) -> None:
        _check_dicts(metadata=metadata, inputs=inputs, outputs=outputs, model_dict=model_dict)
        result = Result(inputs=inputs, outputs=outputs) if inputs or outputs else None
        self._model_dict = model_dict
        self._span = Span(
            name=name,
            span_kind=None if kind is None else _member(SpanKind, "kind", kind),
            status_code=(
                None if status_code is None else _member(StatusCode, "status_code", status_code)
            ),
            status_message=status_message,
            attributes=metadata,
            start_time_ms=start_time_ms,
            end_time_ms=end_time_ms,
            results=[result] if result else None,
        )

    def add_child(self, child: "Trace") -> "Trace":
        """Add a piece of work that this one is made of, and return this one."""
        self._span.add_child_span(child._span)
        if self._model_dict is not None and child._model_dict is not None:
            self._model_dict[str(child._span.name)] = child._model_dict
        return self

    def add_inputs_and_outputs(self, inputs: dict[str, Any], outputs: dict[str, Any]) -> "Trace":
        """Add what went into another call and what came out, and return the trace."""
        self._span.add_named_result(inputs, outputs)
        return self

    def add_metadata(self, metadata: dict[str, Any]) -> "Trace":
        """Add to what is known about the work, and return the trace."""
        self.metadata = metadata
        return self

    @property
    def metadata(self) -> dict[str, Any] | None:
        """What is known about the work; what is assigned is added."""
        return self._span.attributes

    @metadata.setter
    def metadata(self, value: dict[str, Any]) -> None:
        if self._span.attributes is None:
            self._span.attributes = value
        else:
            self._span.attributes.update(value)

    @property
    def inputs(self) -> dict[str, Any] | None:
        """What went into the last call; what is assigned counts as another call."""
        return self._last.inputs

    @inputs.setter
    def inputs(self, value: dict[str, Any]) -> None:
        outputs = self._last.outputs if self._span.results else {}
        self._span.results = [*(self._span.results or ()), Result(value, outputs)]

    @property
    def outputs(self) -> dict[str, Any] | None:
        """What came out of the last call; what is assigned counts as another call."""
        return self._last.outputs

    @outputs.setter
    def outputs(self, value: dict[str, Any]) -> None:
        inputs = self._last.inputs if self._span.results else {}
        self._span.results = [*(self._span.results or ()), Result(inputs, value)]

    @property
    def kind(self) -> str | None:
        """What did the work."""
        return self._span.span_kind.value if self._span.span_kind else None

    @kind.setter
    def kind(self, value: str) -> None:
        self._span.span_kind = _member(SpanKind, "kind", value)

    def log(self, name: str) -> None:
        """Log the trace to the current run.

        Args:
            name: The key to log it under.

        Raises:
            Error: There is no run.
            ValueError: The name is empty.
        """
        run = session.globals.run
        if run is None:
            raise Error("call wandb.init() before logging a trace; nothing was kept")
        if not name.strip():
            raise ValueError("a trace is logged under a name that is not empty")
        run.log({name: WBTraceTree(self._span, self._model_dict)})

    @property
    def _last(self) -> Result:
        return self._span.results[-1] if self._span.results else Result()


def _member(kinds: Any, argument: str, value: str) -> Any:
    found = kinds.__members__.get(value.upper())
    if found is None:
        known = ", ".join(kinds.__members__)
        raise ValueError(f"{argument} of a trace is one of {known}, not {value!r}")
    return found


def _check_dicts(**arguments: Any) -> None:
    for argument, value in arguments.items():
        if value is not None and not isinstance(value, dict):
            raise ValueError(f"{argument} of a trace is a dict, not {type(value).__name__}")
