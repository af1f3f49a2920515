"""Print what real programs print, then write down what the server has of it.

python console.py TARGET SETTINGS
"""

import json
import re
import sys
import time

import wandb

target, chosen = sys.argv[1], json.loads(sys.argv[2])
quiet = {"silent": True, "x_save_requirements": False}
run = wandb.init(project="console", settings={**quiet, **chosen})
write = sys.stdout.write

print("plain")
print("\x1b[31mred\x1b[0m and \x1b[1;38;5;196mbold\x1b[0m")
for n in range(5):
    write(f"\r{n * 25}% \x1b[32m{'=' * n}\x1b[0m")
print()
write("longer text\rab\n")
write("first\nsecond\x1b[A\rFIRST\x1b[B\rSECOND\n")
write("\ttab\there\n")
write("\x1b]8;;http://x\x1b\\link\x1b]8;;\x1b\\\n")
write("日本語 é 😀\n\n\n  blanks at both ends   \n")
print("oh", file=sys.stderr)
write("half")
print("between", file=sys.stderr)
write(" whole\n")
write("no end")
run.finish()

found = wandb.Api().run(f"alice/console/{run.id}")
files = {}
for file in found.files():
    if "output" in file.name:
        with open(file.download(root="got", replace=True).name, encoding="utf-8") as got:
            name = re.sub(r"\d{8}_\d{6}_\d{9}", "MOMENT", file.name)
            files[name] = got.read()
with open(target, "w", encoding="utf-8") as out:
    json.dump({"id": run.id, "files": files, "at": time.time()}, out)
