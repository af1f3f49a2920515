"""A face: trace trees. Home: `wandb._run.trace` and `wandb.data_types.trace_tree`."""

from wandb._run.trace import Trace as Trace
from wandb.data_types.trace_tree import Result as Result
from wandb.data_types.trace_tree import Span as Span
from wandb.data_types.trace_tree import SpanKind as SpanKind
from wandb.data_types.trace_tree import StatusCode as StatusCode
from wandb.data_types.trace_tree import WBTraceTree as WBTraceTree

__all__ = ("Result", "Span", "SpanKind", "StatusCode", "Trace", "WBTraceTree")
