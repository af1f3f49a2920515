import pytest

from wandb._base import host


@pytest.mark.parametrize(
    ("siblings", "threads"), [("0", 1), ("0,64", 2), ("0-1", 2), ("0-3", 4), ("", 1), ("x", 1)]
)
def test_threads_of_a_core_are_counted(tmp_path, monkeypatch, siblings, threads):
    listed = tmp_path / "siblings"
    listed.write_text(f"{siblings}\n")
    monkeypatch.setattr(host, "_SIBLINGS", str(listed))
    monkeypatch.setattr(host.os, "cpu_count", lambda: 8)

    facts = host.hardware_facts()
    assert (facts["cpu_count"], facts["cpu_count_logical"]) == (8 // threads, 8)


def test_disks_that_can_be_read_are_described():
    facts = host.hardware_facts(["/", "/no/such/path"])
    assert facts["disk"].keys() == {"/"}


def test_slurm_tells_of_the_job_and_keeps_its_key():
    environment = {"SLURM_JOB_ID": "5", "SLURM_JWT": "secret", "PATH": "/bin"}
    assert host.slurm_facts(environment) == {"job_id": "5"}
