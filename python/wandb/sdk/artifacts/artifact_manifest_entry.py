"""Face of entries of manifests."""

from wandb._artifact.entry import ArtifactManifestEntry as ArtifactManifestEntry

__all__ = ("ArtifactManifestEntry",)
