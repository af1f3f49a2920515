"""`Run.watch`: hooks that keep histograms of a PyTorch model's gradients and parameters.

A hook runs inside the user's forward or backward pass, so nothing that goes wrong here may come
out there: it is said once, and the pass goes on.
"""

import logging
import sys
from collections.abc import Callable, Sequence
from typing import TYPE_CHECKING, Any

from wandb._base.terminal import termwarn
from wandb._run.media import keep_in_summary
from wandb._run.session import session
from wandb._run.tensors import tensor_histogram
from wandb._run.torch_graph import TorchGraph
from wandb.errors import Error

if TYPE_CHECKING:
    from wandb._run.run import Run

_LOGGER = logging.getLogger(__name__)

# What each choice of `log` keeps.
_KINDS = {
    None: (),
    "gradients": ("gradients",),
    "parameters": ("parameters",),
    "all": ("parameters", "gradients"),
}


class Watch:
    """The hooks of one run, by the names that the original gives them."""

    def __init__(self, run: "Run") -> None:
        self._run = run
        self._handles: dict[str, list[Any]] = {}

    def add(self, name: str, handle: Any) -> None:
        """Remember a hook under a name, beside others of that name."""
        self._handles.setdefault(name, []).append(handle)

    def check_is_free(self, name: str) -> None:
        """Refuse a name that a living hook has.

        Raises:
            ValueError: There is one.
        """
        if any(map(_is_alive, self._handles.get(name, ()))):
            raise ValueError(
                f"a hook is already set under the name {name!r}; nothing was added. "
                "Call run.unwatch first, or pass another `idx`."
            )

    def remove(self, names: Sequence[str]) -> None:
        """Remove the hooks of some names; what is gone already is no error."""
        for name in names:
            for handle in self._handles.pop(name, ()):
                handle.remove()

    def remove_all(self) -> None:
        """Remove every hook of this run."""
        self.remove(list(self._handles))

    def keep(self, name: str, tensor: Any) -> None:
        """Put a tensor's histogram into the open row, if the run still takes rows."""
        if self._run._is_finished:
            return
        try:
            made = tensor_histogram(tensor)
            if made is not None:
                self._run.log({name: made}, commit=False)
        except Exception as err:
            _LOGGER.warning("no histogram of %s", name, exc_info=True)
            termwarn(
                f"run.watch: no histogram of {name} is kept ({type(err).__name__}: {err}); "
                "training goes on.",
                repeat=False,
            )


def _is_alive(handle: Any) -> bool:
    hooks = handle.hooks_dict_ref()
    return hooks is not None and handle.id in hooks


def _nothing(*args: Any) -> None:
    """Stand in for a hook in a copy of a model: only the model itself is watched."""


def _stand_in() -> Callable[..., None]:
    return _nothing


def _safely(act: Callable[..., None], *args: Any) -> None:
    """Do something inside the user's pass; what it raises stays here."""
    try:
        act(*args)
    except Exception as err:
        _LOGGER.warning("a hook of run.watch failed", exc_info=True)
        termwarn(
            f"run.watch: something of a model is not kept ({type(err).__name__}: {err}); "
            "training goes on.",
            repeat=False,
        )


class _EveryNth:
    """A hook that acts on every n-th call."""

    def __init__(self, calls: float, act: Callable[..., None]) -> None:
        self._calls = calls
        self._act = act
        self._seen = 0

    def __call__(self, *args: Any) -> None:
        self._seen += 1
        if self._seen >= self._calls:
            self._seen = 0
            _safely(self._act, *args)

    def __reduce__(self) -> Any:
        # Models are copied and saved with their hooks; a copy is another model.
        return _stand_in, ()


# --- what users call ----------------------------------------------------------------------


def watch(
    run: "Run",
    models: Any,
    criterion: Any = None,
    log: str | None = "gradients",
    log_freq: int = 1000,
    idx: int | None = None,
    log_graph: bool = False,
) -> None:
    """Hook into models; see `Run.watch`."""
    if run.disabled:
        return
    run._refuse_if_finished("watch")
    kinds = _kinds(log)
    if isinstance(log_freq, bool) or not isinstance(log_freq, (int, float)):
        raise TypeError(f"log_freq is a number of batches, not {log_freq!r}; nothing is watched")
    chosen = list(models) if isinstance(models, (tuple, list)) else [models]
    _check_models(chosen)
    run._telemetry.note("watch")
    first = session.watched_models if idx is None else idx
    for number, model in enumerate(chosen, first):
        session.watched_models += 1
        prefix = f"graph_{number}" if number > 0 else ""
        for kind in kinds:
            _HOOKS[kind](_watch_of(run), model, prefix, log_freq)
        if log_graph:
            TorchGraph.hook(model, _topology(run, model), _keep_graph(run, number))


def unwatch(run: "Run", models: Any = None) -> None:
    """Remove hooks; see `Run.unwatch`."""
    if run.disabled:
        return
    if models is None or (isinstance(models, (tuple, list)) and not models):
        _watch_of(run).remove_all()
        return
    for model in models if isinstance(models, (tuple, list)) else [models]:
        names = getattr(model, "_wandb_hook_names", None)
        if names is None:
            termwarn(f"run.unwatch: this model is not watched: {model}")
            continue
        _watch_of(run).remove(names)
        del model._wandb_hook_names


def _kinds(log: Any) -> tuple[str, ...]:
    if not (log is None or isinstance(log, str)) or log not in _KINDS:
        raise ValueError(
            f"log must be one of 'gradients', 'parameters', 'all' or None, not {log!r}; "
            "nothing is watched"
        )
    return _KINDS[log]


def _check_models(models: Sequence[Any]) -> None:
    # A model is an instance of a class of torch, so torch is loaded if there is one.
    module_class = getattr(getattr(sys.modules.get("torch"), "nn", None), "Module", None)
    if module_class is None and not _torch_is_here():
        raise Error("run.watch works with PyTorch, which can't be imported; nothing is watched")
    for model in models:
        if module_class is None or not isinstance(model, module_class):
            raise TypeError(
                f"run.watch takes models of PyTorch (torch.nn.Module), not {type(model)}; "
                "nothing is watched"
            )


def _torch_is_here() -> bool:
    from importlib.util import find_spec

    return find_spec("torch") is not None


def _watch_of(run: "Run") -> Watch:
    if run._watch is None:
        run._watch = Watch(run)
    return run._watch


# --- hooks --------------------------------------------------------------------------------


def _hook_names(model: Any) -> list[str]:
    if not hasattr(model, "_wandb_hook_names"):
        model._wandb_hook_names = []
    names: list[str] = model._wandb_hook_names
    return names


def _hook_parameters(watch: Watch, model: Any, prefix: str, log_freq: float) -> None:
    def keep_all(module: Any, inputs: Any, output: Any) -> None:
        for name, parameter in module.named_parameters():
            watch.keep(f"parameters/{prefix}{name}", parameter)

    hook = _EveryNth(log_freq, keep_all)
    _add_forward_hook(watch, model, f"parameters/{prefix}", model, hook)


def _hook_gradients(watch: Watch, model: Any, prefix: str, log_freq: float) -> None:
    names = _hook_names(model)
    for parameter_name, parameter in model.named_parameters():
        if parameter.requires_grad:
            name = f"gradients/{prefix}{parameter_name}"
            watch.check_is_free(name)
            hook = _EveryNth(log_freq, _keeper(watch, name))
            watch.add(name, parameter.register_hook(hook))
            names.append(name)


def _keeper(watch: Watch, name: str) -> Callable[[Any], None]:
    return lambda gradient: watch.keep(name, gradient)


_HOOKS = {"parameters": _hook_parameters, "gradients": _hook_gradients}


def _add_forward_hook(watch: Watch, model: Any, name: str, module: Any, hook: _EveryNth) -> None:
    """Hook into a module, which is the model or a part of it."""
    names = _hook_names(model)
    try:
        watch.add(name, module.register_forward_hook(hook))
    except RuntimeError as err:  # compiled and scripted modules take no hooks
        termwarn(
            f"run.watch: {name} is not watched, because the module takes no forward hook ({err}).",
            repeat=False,
        )
    else:
        names.append(name)


# --- the graph ----------------------------------------------------------------------------


def _topology(run: "Run", model: Any) -> Callable[[Any, Callable[..., None]], None]:
    """Return what hooks a part of a model for its graph."""
    watch = _watch_of(run)

    def hook_part(part: Any, act: Callable[..., None]) -> None:
        hook = _EveryNth(1, act)
        _add_forward_hook(watch, model, f"topology/{id(part)}", part, hook)

    return hook_part


def _keep_graph(run: "Run", number: int) -> Callable[[TorchGraph], None]:
    def keep(graph: TorchGraph) -> None:
        if not run._is_finished:
            keep_in_summary(run, f"graph_{number}", graph)

    return keep
