"""Old import paths lead to what lives elsewhere, and hold nothing of their own."""

import ast
import importlib
import inspect
import subprocess
import sys
from pathlib import Path

import pytest

PACKAGE = Path(__file__).resolve().parents[2] / "python" / "wandb"

# Path → why it exists: documented, or used by a library (compat/integrations.md).
PATHS = {
    "wandb.env.set_entity": "transformers' hyperparameter search",
    "wandb.env.set_project": "transformers' hyperparameter search",
    "wandb.errors.errors.CommError": "where 0.21.3 defines it",
    "wandb.old.core.wandb_dir": "older command-line tools",
    "wandb.old.settings.Settings": "older command-line tools",
    "wandb.old.summary.Summary": "older examples",
    "wandb.sdk.artifacts.artifact.Artifact": "lightning's and ray's type checks",
    "wandb.sdk.artifacts.artifact_manifest.ArtifactManifest": "type annotations",
    "wandb.sdk.artifacts.artifact_manifest_entry.ArtifactManifestEntry": "type annotations",
    "wandb.sdk.artifacts.exceptions.ArtifactNotLoggedError": "its home in the original",
    "wandb.sdk.data_types.histogram.Histogram": "integrations",
    "wandb.sdk.internal.internal_api.Api": "sweep schedulers and evaluation harnesses",
    "wandb.sdk.lib.apikey.api_key": "platforms that ask whether somebody is logged in",
    "wandb.sdk.lib.apikey.write_key": "platforms that log somebody in",
    "wandb.sdk.lib.deprecate.deprecate": "integrations",
    "wandb.sdk.lib.filenames.METADATA_FNAME": "tools that read run folders",
    "wandb.sdk.lib.filesystem.mkdir_exists_ok": "integrations",
    "wandb.sdk.lib.hashutil.md5_file_b64": "integrations that compare artifacts",
    "wandb.sdk.lib.ipython.in_jupyter": "integrations",
    "wandb.sdk.lib.json_util.dumps": "integrations",
    "wandb.sdk.lib.preinit.PreInitObject": "integrations that look whether there is a run",
    "wandb.sdk.lib.run_moment.RunMoment": "type annotations",
    "wandb.sdk.lib.server.Server": "platforms that ask who is logged in",
    "wandb.sdk.lib.telemetry.context": "integrations",
    "wandb.sdk.wandb_helper.parse_config": "integrations, as `wandb.helper.parse_config`",
    "wandb.sdk.wandb_login.login": "the function's documented home",
    "wandb.sdk.wandb_require.require": "its home in the original",
    "wandb.sdk.wandb_run.TeardownHook": "integrations that close something with the run",
    "wandb.util.get_module": "integrations",
    "wandb.util.json_friendly": "integrations",
    "wandb.sdk.lib.RunDisabled": "lightning asks isinstance of it",
    "wandb.sdk.lib.SummaryDisabled": "beside it in the original",
    "wandb.sdk.lib.config_util.ConfigError": "transformers catches it",
    "wandb.sdk.lib.config_util.dict_from_config_file": "launch scripts",
    "wandb.sdk.lib.disabled.RunDisabled": "lightning before 2.1",
    "wandb.sdk.lib.disabled.SummaryDisabled": "lightning before 2.1",
    "wandb.data_types.Graph": "keras and fastai callbacks",
    "wandb.data_types._SavedModel": "tools that keep models as values",
    "wandb.sdk.data_types.audio.Audio": "integrations",
    "wandb.sdk.data_types.bokeh.Bokeh": "its home in the original",
    "wandb.sdk.data_types.graph.Graph": "its home in the original",
    "wandb.sdk.data_types.html.Html": "integrations",
    "wandb.sdk.data_types.molecule.Molecule": "integrations",
    "wandb.sdk.data_types.object_3d.Object3D": "integrations",
    "wandb.sdk.data_types.plotly.Plotly": "integrations",
    "wandb.sdk.data_types.saved_model._SavedModel": "its home in the original",
    "wandb.sdk.data_types._dtypes.AnyType": "keras callbacks and the weave client",
    "wandb.sdk.data_types._dtypes.TypeRegistry": "its home in the original",
    "wandb.sdk.data_types.table.JoinedTable": "its home in the original",
    "wandb.sdk.data_types.table.Table": "integrations",
    "wandb.sdk.data_types.trace_tree.Trace": "langchain",
    "wandb.sdk.data_types.trace_tree.StatusCode": "langchain",
    "wandb.sdk.data_types.video.Video": "integrations",
    "wandb.integration.torch.wandb_torch.nested_shape": "beside it in the original",
    "wandb.jupyter.display_if_magic_is_used": "its home in the original",
    "wandb.sdk.lib.paths.LogicalPath": "type annotations",
    "wandb.sdk.lib.paths.StrPath": "langchain's type annotations",
    "wandb.sdk.lib.runid.generate_id": "examples",
    "wandb.sdk.wandb_config.Config": "type annotations",
    "wandb.sdk.wandb_config.ConfigStatic": "documented",
    "wandb.sdk.wandb_init.init": "the function's documented home",
    "wandb.sdk.wandb_metric.Metric": "what define_metric returns",
    "wandb.sdk.wandb_run.Run": "optuna asks isinstance of it",
    "wandb.sdk.wandb_run.finish": "its home in the original",
    "wandb.sdk.wandb_settings.Settings": "type annotations",
    "wandb.sdk.wandb_setup.setup": "its home in the original",
    "wandb.sdk.wandb_setup.singleton": "launch agents",
    "wandb.sdk.wandb_summary.Summary": "type annotations",
    "wandb.errors.term.termlog": "older examples",
    "wandb.sdk.wandb_watch.watch": "its home in the original",
    "wandb.util.generate_id": "examples",
    "wandb.util.json_dumps_safer": "ray decides by it what can be logged",
    "wandb.wandb_run.Run": "lightning and ray import it at run time",
}
# Classes that say they are at home where the original has them, since programs compare that.
RENAMED = {"Run", "Artifact", "ArtifactManifest", "ArtifactManifestEntry"}
FACE_NAMES = (
    "env.py",
    "errors.py",
    "jupyter.py",
    "term.py",
    "util.py",
    "wandb_run.py",
    "wandb_torch.py",
)
FACES = [
    path
    for path in sorted(PACKAGE.rglob("*.py"))
    if path.is_relative_to(PACKAGE / "sdk")
    or path.is_relative_to(PACKAGE / "old")
    or path.name in FACE_NAMES
]
# Packages whose names are loaded when asked for: a docstring and one lazy table.
LAZY = [path for path in FACES if path.name == "__init__.py"]


def resolve(path):
    module, _, name = path.rpartition(".")
    return getattr(importlib.import_module(module), name)


@pytest.mark.parametrize("path", PATHS)
def test_path_leads_to_a_home(path):
    found = resolve(path)

    home = inspect.getmodule(found)
    assert found is not None
    assert home is None or not home.__name__.startswith("wandb.sdk") or found.__name__ in RENAMED


@pytest.mark.parametrize("path", FACES, ids=lambda path: str(path.relative_to(PACKAGE)))
def test_face_has_words_and_imports_and_nothing_else(path):
    docstring, *rest = ast.parse(path.read_text(encoding="utf-8")).body

    assert ast.get_docstring(ast.Module([docstring], []))
    if path in LAZY:
        assert not [node for node in rest if isinstance(node, (ast.FunctionDef, ast.ClassDef))]
        return
    *imports, exported = rest
    assert all(isinstance(node, ast.ImportFrom) for node in imports)
    renamed = [alias.name for node in imports for alias in node.names if alias.asname != alias.name]
    assert renamed == []
    names = [alias.name for node in imports for alias in node.names]
    assert sorted(ast.literal_eval(exported.value)) == sorted(names)


def test_same_object_by_every_path():
    import wandb

    assert wandb.Run is wandb.sdk.wandb_run.Run is wandb.wandb_run.Run
    assert wandb.init is wandb.sdk.wandb_init.init
    assert wandb.Settings is wandb.sdk.wandb_settings.Settings
    assert wandb.wandb_sdk is wandb.sdk
    assert wandb.Error is wandb.errors.Error


def test_attributes_reach_the_faces_after_a_plain_import():
    # optuna writes `isinstance(run, wandb.sdk.wandb_run.Run)` after `import wandb` alone.
    script = "import wandb; print(wandb.sdk.wandb_run.Run is wandb.Run, wandb.util.generate_id())"

    done = subprocess.run([sys.executable, "-c", script], capture_output=True, text=True)

    assert done.stdout.startswith("True "), done.stderr


def test_unknown_names_are_attribute_errors():
    import wandb

    with pytest.raises(AttributeError, match="nonsense"):
        _ = wandb.nonsense
    with pytest.raises(AttributeError, match="nonsense"):
        _ = wandb.sdk.nonsense


def test_version_is_the_originals_with_ours_behind():
    import wandb

    assert wandb.__version__ == "0.21.3+ferrule.1"


def test_every_exported_name_is_there():
    import wandb

    assert [name for name in wandb.__all__ if not hasattr(wandb, name)] == []
    assert set(wandb.__all__) <= set(dir(wandb))


@pytest.mark.parametrize("arguments", [(), ("core",), (["core", "service"],)])
def test_requirements_of_old_scripts_are_accepted(arguments):
    import wandb

    assert wandb.require(*arguments) is None
