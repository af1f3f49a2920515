"""A face: MD5. Home: `wandb._base.digests`."""

from wandb._base.digests import b64_to_hex_id as b64_to_hex_id
from wandb._base.digests import hex_to_b64_id as hex_to_b64_id
from wandb._base.digests import md5_file_b64 as md5_file_b64
from wandb._base.digests import md5_file_hex as md5_file_hex
from wandb._base.digests import md5_string as md5_string

__all__ = ("b64_to_hex_id", "hex_to_b64_id", "md5_file_b64", "md5_file_hex", "md5_string")
