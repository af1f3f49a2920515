"""A face: things in space. Home: `wandb.data_types.object3d`."""

from wandb.data_types.object3d import Box3D as Box3D
from wandb.data_types.object3d import Object3D as Object3D
from wandb.data_types.object3d import box3d as box3d

__all__ = ("Box3D", "Object3D", "box3d")
