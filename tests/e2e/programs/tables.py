"""Save tables as files of others, in a run and in an artifact; write down the run's id."""

import json
import shutil
import sys

import wandb

with wandb.init(project="tables", id="files") as run:
    for source in sys.argv[2:]:
        shutil.copy(source, ".")
    with open("rows.csv", "w") as file:
        file.write("name,score\nfirst,1.5\nsecond,2.5\n")
    with open("broken.parquet", "w") as file:
        file.write("PAR1 is all there is of it PAR1")
    run.save("*.parquet")
    run.save("rows.csv")
    artifact = wandb.Artifact("rows", "dataset")
    artifact.add_file("rows.csv")
    run.log_artifact(artifact).wait()
    with open(sys.argv[1], "w") as file:
        json.dump(run.id, file)
