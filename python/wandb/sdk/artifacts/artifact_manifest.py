"""Face of manifests of artifacts."""

from wandb._artifact.manifest import ArtifactManifest as ArtifactManifest

__all__ = ("ArtifactManifest",)
