"""`Molecule`: the structure of a molecule, from a file, or by RDKit from a name of it."""

import os
from collections.abc import Sequence
from typing import Any, ClassVar, TextIO

from wandb.data_types.base import BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.inputs import (
    as_bytes,
    fetched,
    file_content,
    library,
    listed_captions,
    path_of,
    read_stream,
)


class Molecule(BatchableMedia):
    """A molecule in three dimensions.

    Args:
        data_or_path: A file, or a stream of one.
        caption: Words to show with it.
        **kwargs: `file_type`, one of `SUPPORTED_TYPES`, for a stream without a file's name.

    Raises:
        OSError: The file can't be read.
        ValueError: It is of another type, or `file_type` is missing.

    Examples:
        >>> run.log({"aspirin": wandb.Molecule("aspirin.pdb")})
    """

    SUPPORTED_TYPES: ClassVar[set[str]] = {
        "cif",
        "gro",
        "mcif",
        "mmcif",
        "mmtf",
        "mol2",
        "pdb",
        "pqr",
        "sd",
        "sdf",
    }
    SUPPORTED_RDKIT_TYPES: ClassVar[set[str]] = {"mol", "sdf"}
    _log_type: ClassVar[str | None] = "molecule-file"
    kind = "molecule"

    def __init__(
        self,
        data_or_path: str | os.PathLike[str] | TextIO,
        caption: str | None = None,
        **kwargs: Any,
    ) -> None:
        super().__init__(caption)
        path = path_of(data_or_path)
        if path is not None:
            _check_type(os.path.splitext(path)[1][1:], self.SUPPORTED_TYPES, of=path)
            self._content = file_content("Molecule", path)
        elif hasattr(data_or_path, "read"):
            file_type = _check_type(kwargs.get("file_type"), self.SUPPORTED_TYPES, of="file_type")
            data = as_bytes(read_stream("Molecule", data_or_path))
            self._content = Content(f".{file_type}", data=data)
        else:
            raise ValueError(
                f"wandb.Molecule takes a file or a stream, not {type(data_or_path).__name__}"
            )

    @classmethod
    def from_rdkit(
        cls,
        data_or_path: Any,
        caption: str | None = None,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> "Molecule":
        """Make a molecule of one of RDKit's, or of a file that RDKit reads.

        Args:
            data_or_path: An `rdkit.Chem.rdchem.Mol`, or a file in `.mol` or `.sdf`, of which
                the first molecule counts.
            caption: Words to show with it.
            convert_to_3d_and_optimize: Add hydrogens and find places for its atoms; this may
                take long.
            mmff_optimize_molecule_max_iterations: How many steps that takes at most.

        Raises:
            Error: RDKit is not installed.
            TypeError: It is neither.
            ValueError: The file is of another type, or holds no molecule that RDKit can read.
        """
        chem = _rdkit("rdkit.Chem")
        molecule = _read_molecule(chem, data_or_path)
        if convert_to_3d_and_optimize:
            every = _rdkit("rdkit.Chem.AllChem")
            molecule = chem.AddHs(molecule)
            every.EmbedMolecule(molecule)
            every.MMFFOptimizeMolecule(molecule, maxIters=mmff_optimize_molecule_max_iterations)
        made = cls.__new__(cls)
        BatchableMedia.__init__(made, caption)
        made._content = Content(".pdb", data=chem.MolToPDBBlock(molecule).encode())
        return made

    @classmethod
    def from_smiles(
        cls,
        data: str,
        caption: str | None = None,
        sanitize: bool = True,
        convert_to_3d_and_optimize: bool = True,
        mmff_optimize_molecule_max_iterations: int = 200,
    ) -> "Molecule":
        """Make a molecule of a line in SMILES.

        Args:
            data: The line, such as `CC(=O)Oc1ccccc1C(=O)O`.
            caption: Words to show with it.
            sanitize: Refuse what makes no sense in chemistry.
            convert_to_3d_and_optimize: See `from_rdkit`.
            mmff_optimize_molecule_max_iterations: See `from_rdkit`.

        Raises:
            Error: RDKit is not installed.
            TypeError: It is no text.
            ValueError: The line can't be read.
        """
        chem = _rdkit("rdkit.Chem")
        if not isinstance(data, str):
            raise TypeError(
                f"wandb.Molecule.from_smiles takes a line of text, not {type(data).__name__}"
            )
        molecule = chem.MolFromSmiles(data, sanitize=sanitize)
        if molecule is None:
            raise ValueError(f"wandb.Molecule: RDKit can't read this line of SMILES: {data!r}")
        return cls.from_rdkit(
            molecule,
            caption=caption,
            convert_to_3d_and_optimize=convert_to_3d_and_optimize,
            mmff_optimize_molecule_max_iterations=mmff_optimize_molecule_max_iterations,
        )

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep several molecules, and return what stands for all of them."""
        kept = [molecule.to_wire(sink, name=name) for molecule in values]
        return {
            "_type": "molecule",
            "filenames": [each["path"] for each in kept],
            "count": len(kept),
            "captions": listed_captions(values),
        }

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Molecule":
        """Make the molecule again of what stands for it."""
        return cls(fetched("Molecule", wire, source), caption=wire.get("caption"))


def _check_type(file_type: Any, supported: set[str], *, of: str) -> str:
    if file_type not in supported:
        known = ", ".join(sorted(supported))
        found = "missing" if file_type is None else repr(file_type)
        raise ValueError(f"wandb.Molecule: the type of a file is one of {known}; {of}: {found}")
    return str(file_type)


def _rdkit(module: str) -> Any:
    return library(module, purpose="wandb.Molecule from a structure", install="wandb[media]")


def _read_molecule(chem: Any, data_or_path: Any) -> Any:
    if not isinstance(data_or_path, (str, os.PathLike)):
        if isinstance(data_or_path, chem.Mol):
            return data_or_path
        raise TypeError(
            f"wandb.Molecule.from_rdkit takes a file or RDKit's Mol, "
            f"not {type(data_or_path).__name__}"
        )
    path = os.fspath(data_or_path)
    file_type = os.path.splitext(path)[1][1:]
    _check_type(file_type, Molecule.SUPPORTED_RDKIT_TYPES, of=path)
    file_content("Molecule", path)
    molecule = chem.MolFromMolFile(path) if file_type == "mol" else _first(chem, path)
    if molecule is None:
        raise ValueError(f"wandb.Molecule: RDKit finds no molecule in {path!r}")
    return molecule


def _first(chem: Any, path: str) -> Any:
    with chem.SDMolSupplier(path) as supplier:
        return next(iter(supplier), None)
