"""A face: small helpers that people import. Homes: rooms below `wandb._base` and `wandb._run`."""

from wandb._base.ids import generate_id as generate_id
from wandb._base.jsonable import json_dumps_safer as json_dumps_safer
from wandb._base.jsoncoders import VALUE_BYTES_LIMIT as VALUE_BYTES_LIMIT
from wandb._base.jsoncoders import JSONEncoderUncompressed as JSONEncoderUncompressed
from wandb._base.jsoncoders import WandBHistoryJSONEncoder as WandBHistoryJSONEncoder
from wandb._base.jsoncoders import WandBJSONEncoder as WandBJSONEncoder
from wandb._base.jsoncoders import WandBJSONEncoderOld as WandBJSONEncoderOld
from wandb._base.jsoncoders import json_dump_safer as json_dump_safer
from wandb._base.jsoncoders import json_dump_uncompressed as json_dump_uncompressed
from wandb._base.jsoncoders import json_dumps_safer_history as json_dumps_safer_history
from wandb._base.jsoncoders import json_friendly as json_friendly
from wandb._base.jsoncoders import json_friendly_val as json_friendly_val
from wandb._base.jsoncoders import make_json_if_not_number as make_json_if_not_number
from wandb._base.jsoncoders import make_safe_for_json as make_safe_for_json
from wandb._base.modules import add_import_hook as add_import_hook
from wandb._base.modules import get_module as get_module
from wandb._base.modules import get_optional_module as get_optional_module
from wandb._base.modules import import_module_lazy as import_module_lazy
from wandb._base.safenames import alias_is_version_index as alias_is_version_index
from wandb._base.safenames import docker_image_regex as docker_image_regex
from wandb._base.safenames import image_from_docker_args as image_from_docker_args
from wandb._base.safenames import make_artifact_name_safe as make_artifact_name_safe
from wandb._base.safenames import make_docker_image_name_safe as make_docker_image_name_safe
from wandb._base.safenames import to_forward_slash_path as to_forward_slash_path
from wandb._base.sizes import POW_2_BYTES as POW_2_BYTES
from wandb._base.sizes import POW_10_BYTES as POW_10_BYTES
from wandb._base.sizes import from_human_size as from_human_size
from wandb._base.sizes import to_human_size as to_human_size
from wandb._base.typenames import get_full_typename as get_full_typename
from wandb._base.typenames import is_fastai_tensor_typename as is_fastai_tensor_typename
from wandb._base.typenames import is_jax_tensor_typename as is_jax_tensor_typename
from wandb._base.typenames import is_matplotlib_typename as is_matplotlib_typename
from wandb._base.typenames import is_numpy_array as is_numpy_array
from wandb._base.typenames import is_pandas_data_frame as is_pandas_data_frame
from wandb._base.typenames import is_pandas_data_frame_typename as is_pandas_data_frame_typename
from wandb._base.typenames import is_plotly_figure_typename as is_plotly_figure_typename
from wandb._base.typenames import is_plotly_typename as is_plotly_typename
from wandb._base.typenames import is_pytorch_tensor as is_pytorch_tensor
from wandb._base.typenames import is_pytorch_tensor_typename as is_pytorch_tensor_typename
from wandb._base.typenames import is_tf_eager_tensor_typename as is_tf_eager_tensor_typename
from wandb._base.typenames import is_tf_tensor as is_tf_tensor
from wandb._base.typenames import is_tf_tensor_typename as is_tf_tensor_typename
from wandb._run.configsource import load_yaml as load_yaml
from wandb._run.package import auto_project_name as auto_project_name
from wandb._run.package import coalesce as coalesce
from wandb._run.package import get_core_path as get_core_path
from wandb._run.package import load_json_yaml_dict as load_json_yaml_dict
from wandb._run.package import merge_dicts as merge_dicts
from wandb._settings.derived import app_url as app_url
from wandb.errors import AuthenticationError as AuthenticationError
from wandb.errors import CommError as CommError
from wandb.errors import UsageError as UsageError
from wandb.errors import WandbCoreNotAvailableError as WandbCoreNotAvailableError

__all__ = (
    "POW_2_BYTES",
    "POW_10_BYTES",
    "VALUE_BYTES_LIMIT",
    "AuthenticationError",
    "CommError",
    "JSONEncoderUncompressed",
    "UsageError",
    "WandBHistoryJSONEncoder",
    "WandBJSONEncoder",
    "WandBJSONEncoderOld",
    "WandbCoreNotAvailableError",
    "add_import_hook",
    "alias_is_version_index",
    "app_url",
    "auto_project_name",
    "coalesce",
    "docker_image_regex",
    "from_human_size",
    "generate_id",
    "get_core_path",
    "get_full_typename",
    "get_module",
    "get_optional_module",
    "image_from_docker_args",
    "import_module_lazy",
    "is_fastai_tensor_typename",
    "is_jax_tensor_typename",
    "is_matplotlib_typename",
    "is_numpy_array",
    "is_pandas_data_frame",
    "is_pandas_data_frame_typename",
    "is_plotly_figure_typename",
    "is_plotly_typename",
    "is_pytorch_tensor",
    "is_pytorch_tensor_typename",
    "is_tf_eager_tensor_typename",
    "is_tf_tensor",
    "is_tf_tensor_typename",
    "json_dump_safer",
    "json_dump_uncompressed",
    "json_dumps_safer",
    "json_dumps_safer_history",
    "json_friendly",
    "json_friendly_val",
    "load_json_yaml_dict",
    "load_yaml",
    "make_artifact_name_safe",
    "make_docker_image_name_safe",
    "make_json_if_not_number",
    "make_safe_for_json",
    "merge_dicts",
    "to_forward_slash_path",
    "to_human_size",
)
