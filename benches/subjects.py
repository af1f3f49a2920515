"""What is measured, with which parameters, and which gate it answers.

Rows, gates and moonshots are those of the project's performance page; the scripts that do
the measuring are named as the subjects are.
"""

from harness import Case, Figure, Subject

AT_LEAST_150K = (150e3, 400e3, True)

LOG_LATENCY = Subject(
    "log_latency",
    cases=tuple(
        Case(f"k{keys}", {"keys": keys, "calls": calls}, quick={"calls": calls // 5})
        for keys, calls in ((1, 10_000), (10, 10_000), (100, 2_000))
    ),
    figures=(
        Figure("1", "run.log 10 floats, p50", "k10", "p50_us", "us", 3, 1.2),
        Figure("2", "run.log 10 floats, p99", "k10", "p99_us", "us", 15, 4),
        Figure("2", "run.log 10 floats, max", "k10", "max_us", "us", 5000, 1000),
        Figure("", "  client CPU per call", "k10", "cpu_us_per_call", "us"),
        Figure("3", "run.log 1 float, p50", "k1", "p50_us", "us", 2, 0.8),
        Figure("", "  client CPU per call", "k1", "cpu_us_per_call", "us"),
        Figure("3", "run.log 100 floats, p50", "k100", "p50_us", "us", 15, 6),
        Figure("", "  client CPU per call", "k100", "cpu_us_per_call", "us"),
    ),
    notes=("the caller's CPU includes the client's own threads, not its service",),
)

SUSTAINED = Subject(
    "sustained",
    cases=(
        Case(
            "rate",
            {"keys": 10, "calls": 200_000},
            quick={"calls": 20_000},
            released={"calls": 20_000},
            quick_released={"calls": 3_000},
        ),
        Case(
            "long",
            {"keys": 3, "calls": 1_000_000},
            quick={"calls": 100_000},
            released={"calls": 50_000},
            quick_released={"calls": 5_000},
            scaled=("calls", ("wall_s",)),
        ),
    ),
    figures=(
        Figure(
            "4", "calls/s incl. finish, 10 floats", "rate", "calls_per_s", "1/s", *AT_LEAST_150K
        ),
        Figure("7", "CPU per value, all processes", "rate", "cpu_us_per_value", "us", 1.5, 0.4),
        Figure("", "  CPU per call, all processes", "rate", "cpu_us_per_call", "us"),
        Figure("5", "1e6 calls x 3 scalars, end to end", "long", "wall_s", "s", 10, 4),
        Figure("6", "RSS growth over those calls", "long", "rss_growth_mib", "MiB", 24, 8),
        Figure("6", "  peak RSS of the client", "long", "peak_mib", "MiB", 60, 45),
        Figure("", "  bytes on disk per call", "long", "disk_bytes_per_call", "B"),
    ),
    notes=(
        "released clients make 20,000 and 50,000 calls; the seconds of row 5 are scaled to 1e6, "
        "memory is as found after 50,000",
    ),
)

TRAINING_LOOP = Subject(
    "training_loop",
    cases=(Case("loop", {"keys": 10, "steps": 500, "pairs": 7}, quick={"pairs": 2}),),
    figures=(
        Figure("8", "added per step of a 0.2 ms loop", "loop", "added_us_per_step", "us", 6, 2),
        Figure("", "  added to the median step", "loop", "added_us_median_step", "us"),
        Figure("", "  CPU per step, all processes", "loop", "added_cpu_us_per_step", "us"),
    ),
)

THREADS = Subject(
    "threads",
    cases=(
        Case(
            "eight",
            {"keys": 10, "threads": 8, "calls": 20_000},
            quick={"calls": 2_000},
            released={"calls": 2_000},
            quick_released={"calls": 300},
        ),
    ),
    figures=(
        Figure(
            "9",
            "8 threads: calls/s incl. finish",
            "eight",
            "calls_per_s",
            "1/s",
            *AT_LEAST_150K,
        ),
        Figure("9", "8 threads: p99", "eight", "p99_us", "us", 500, 50),
        Figure("", "  CPU per call, all processes", "eight", "cpu_us_per_call", "us"),
    ),
    notes=("threads of released clients make 2,000 calls each, those of ours 20,000",),
)


PROCESSES = Subject(
    "processes",
    cases=(Case("eight", {"processes": 8, "calls": 1000, "keys": 10}, quick={"calls": 100}),),
    figures=(
        Figure("10", "8 processes x 1000 calls: wall", "eight", "wall_s", "s", 3, 1.2),
        Figure("10", "8 processes x 1000 calls: CPU", "eight", "cpu_s", "s"),
    ),
)

IMPORT_TIME = Subject(
    "import_time",
    cases=(Case("fresh", {"repeats": 3}, quick={"repeats": 1}),),
    figures=(
        Figure("11", "import wandb", "fresh", "import_s", "s", 0.10, 0.04),
        Figure("11", "modules loaded after it", "fresh", "modules", "", 150, 150),
        Figure("11", "CPU at the interpreter's exit", "fresh", "exit_cpu_ms", "ms", None, 10),
    ),
)

LIFECYCLE = Subject(
    "lifecycle",
    cases=(
        Case("runs", {"case": "runs", "backlog_rows": 10_000}, quick={"backlog_rows": 2_000}),
        Case("process", {"case": "process"}),
    ),
    figures=(
        Figure("12", "init offline, first", "runs", "init_ms", "ms", 60, 15),
        Figure("", "  modules loaded after a run", "runs", "modules_after_run", ""),
        Figure("12", "init offline, second", "runs", "second_init_ms", "ms", 10, 3),
        Figure("13", "finish, empty", "runs", "finish_empty_ms", "ms", 10, 3),
        Figure("13", "finish after 10k rows x 10", "runs", "finish_backlog_ms", "ms", 50, 15),
        Figure("14", "import, 2 tiny runs, exit: wall", "process", "process_s", "s", 0.35, 0.12),
        Figure("", "  CPU, all processes", "process", "process_cpu_s", "s"),
    ),
)

CONSOLE = Subject(
    "console",
    cases=(
        Case(
            "lines",
            {"lines": 200_000},
            quick={"lines": 20_000},
            released={"lines": 20_000},
            quick_released={"lines": 2_000},
        ),
    ),
    figures=(
        Figure("20", "console: client CPU per line", "lines", "cpu_us_per_line", "us", 8, 2),
        Figure(
            "20", "console: lines/s incl. finish", "lines", "lines_per_s", "1/s", 80e3, 300e3, True
        ),
        Figure("", "  CPU per line, all processes", "lines", "tree_cpu_us_per_line", "us"),
    ),
    notes=("released clients print 20,000 lines where ours prints 200,000",),
)

CONFIG_UPDATE = Subject(
    "config_update",
    cases=(Case("large", {"keys": 10_000, "settings": 1000}, quick={"settings": 100}),),
    figures=(
        Figure("19", "config.update of 10k keys", "large", "update_ms", "ms", 20, 8),
        Figure("19", "config[key] = … beside them, p50", "large", "setitem_p50_us", "us", 10, 3),
        Figure("19", "config[key] = … beside them, p99", "large", "setitem_p99_us", "us", 100, 20),
    ),
)

IMAGES = Subject(
    "images",
    cases=tuple(
        Case(kind, {"kind": kind, "images": 300}, quick={"images": 50})
        for kind in ("noise", "smooth")
    ),
    figures=(
        Figure("17", "256x256x3 images/s, noise", "noise", "images_per_s", "1/s", 300, 1000, True),
        Figure(
            "17", "256x256x3 images/s, smooth", "smooth", "images_per_s", "1/s", 800, 3000, True
        ),
        Figure("17", "  Image() and log, p50, noise", "noise", "call_p50_us", "us", 1000, 100),
        Figure("17", "  Image() and log, p50, smooth", "smooth", "call_p50_us", "us", 1000, 100),
        Figure("", "  CPU per image, noise", "noise", "cpu_us_per_image", "us"),
        Figure("", "  CPU per image, smooth", "smooth", "cpu_us_per_image", "us"),
        Figure("", "  bytes of a file, smooth", "smooth", "file_bytes", "B"),
    ),
    notes=("images/s count from the first call until finish has returned",),
    libraries="media",
)

IDLE = Subject(
    "idle",
    cases=(
        Case(
            "still",
            {"settle_secs": 20, "idle_secs": 45},
            quick={"settle_secs": 3, "idle_secs": 3},
        ),
    ),
    figures=(
        Figure("15", "idle: CPU, all processes", "still", "cpu_percent", "%", 0.3, 0.1),
        Figure("15", "idle: client and service RSS", "still", "memory_mib", "MiB", 100, 65),
    ),
    most_rounds=2,
)

TABLE_LOG = Subject(
    "table_log",
    cases=(
        Case("rows", {"case": "rows", "rows": 100_000}, quick={"rows": 10_000}),
        Case(
            "frame",
            {"case": "frame", "rows": 1_000_000},
            quick={"rows": 100_000},
            released={"rows": 20_000},
            quick_released={"rows": 2_000},
            scaled=("rows", ("frame_s",)),
        ),
        Case(
            "appends",
            {"case": "appends", "logs": 1000},
            quick={"logs": 100},
            released={"logs": 100},
            quick_released={"logs": 20},
        ),
    ),
    figures=(
        Figure("18", "Table 100k x 4: build (data=)", "rows", "build_s", "s", 0.5, 0.1),
        Figure("18", "Table 100k x 4: log", "rows", "log_s", "s", 0.3, 0.1),
        Figure("18", "data frame 1e6 x 4: Table and log", "frame", "frame_s", "s", 2),
        Figure("18", "100 appends and a log, of 1,000", "appends", "append_ms", "ms"),
        Figure("18", "  last tenth against the first", "appends", "slower", "x", 1.5),
    ),
    notes=(
        "released clients make a data frame's table of 20,000 rows, scaled to 1e6, and 100 logs; "
        "an environment without pandas leaves the data frame out",
    ),
)

SUBJECTS = {
    subject.name: subject
    for subject in (
        IMPORT_TIME,
        LIFECYCLE,
        LOG_LATENCY,
        SUSTAINED,
        TRAINING_LOOP,
        THREADS,
        PROCESSES,
        CONSOLE,
        CONFIG_UPDATE,
        IMAGES,
        IDLE,
        TABLE_LOG,
    )
}
