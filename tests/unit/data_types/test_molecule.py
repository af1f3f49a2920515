"""`Molecule`: files and streams by their types; RDKit where it is installed."""

import io
import sys
from types import SimpleNamespace

import pytest

from wandb.data_types import Molecule
from wandb.errors import Error

ATOM = "ATOM      1  N   ALA A   1      11.104   6.134  -6.504  1.00  0.00           N\n"


@pytest.mark.parametrize("kind", sorted(Molecule.SUPPORTED_TYPES))
def test_every_type_is_kept_as_it_is(kept, tmp_path, kind):
    path = tmp_path / f"m.{kind}"
    path.write_text(ATOM)

    wire, data = kept(Molecule(path, caption="c"))

    assert data.decode() == ATOM
    assert wire["_type"] == "molecule-file"
    assert wire["caption"] == "c"
    assert wire["path"].startswith("media/molecule/key_0_")
    assert wire["path"].endswith(f".{kind}")


def test_streams_with_and_without_a_name(kept, tmp_path):
    path = tmp_path / "m.pdb"
    path.write_text(ATOM)

    with path.open() as stream:
        assert kept(Molecule(stream))[1].decode() == ATOM
    assert kept(Molecule(io.StringIO(ATOM), file_type="sdf"))[0]["path"].endswith(".sdf")
    assert kept(Molecule(io.BytesIO(b"\x00\xff"), file_type="mmtf"))[1] == b"\x00\xff"


def test_a_list_is_one_value(run_sink):
    molecules = [Molecule(io.StringIO(text), file_type="pdb") for text in "ab"]

    wire = Molecule.list_to_wire(molecules, run_sink, name="m_0")

    assert wire == {
        "_type": "molecule",
        "count": 2,
        "filenames": list(run_sink.files),
        "captions": False,
    }


def test_read_back(again):
    molecule = Molecule(io.StringIO(ATOM), caption="c", file_type="pdb")

    assert again(molecule) == molecule
    assert again(molecule)._caption == "c"


@pytest.mark.parametrize(
    ("value", "options", "error", "words"),
    [
        ("m.txt", {}, ValueError, "m.txt"),
        ("m", {}, ValueError, "pdb"),
        ("missing.pdb", {}, FileNotFoundError, "missing.pdb"),
        (io.StringIO("x"), {}, ValueError, "file_type: missing"),
        (io.StringIO("x"), {"file_type": "xyz"}, ValueError, "'xyz'"),
        (7, {}, ValueError, "int"),
    ],
)
def test_bad_input_is_named(value, options, error, words):
    with pytest.raises(error, match=words):
        Molecule(value, **options)


@pytest.mark.parametrize("call", [Molecule.from_smiles, Molecule.from_rdkit])
def test_without_rdkit_it_says_what_to_install(call, monkeypatch):
    for module in ("rdkit", "rdkit.Chem"):
        monkeypatch.setitem(sys.modules, module, None)

    with pytest.raises(Error, match=r"rdkit.*pip install"):
        call("CCO")


def test_line_of_smiles_that_is_none_is_named(monkeypatch):
    chem = SimpleNamespace(MolFromSmiles=lambda line, sanitize: None)
    monkeypatch.setitem(sys.modules, "rdkit", SimpleNamespace(Chem=chem))
    monkeypatch.setitem(sys.modules, "rdkit.Chem", chem)

    with pytest.raises(TypeError, match="line of text, not int"):
        Molecule.from_smiles(7)
    with pytest.raises(ValueError, match="'no smiles'"):
        Molecule.from_smiles("no smiles")
