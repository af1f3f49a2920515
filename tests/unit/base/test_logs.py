"""Logs of runs that are delivered side by side."""

from contextvars import copy_context

from wandb._base.logs import close_debug_log, open_task_log, wandb_logger


def test_each_task_logs_to_its_own_file_and_the_rest_to_all(tmp_path):
    tasks = {name: copy_context() for name in "ab"}
    logs = {name: task.run(open_task_log, str(tmp_path / name)) for name, task in tasks.items()}

    for name, task in tasks.items():
        task.run(wandb_logger().info, "of %s", name)
    wandb_logger().info("of nobody")
    for log in logs.values():
        close_debug_log(log)

    said = {name: (tmp_path / name).read_text() for name in "ab"}
    assert "of a" in said["a"]
    assert "of b" not in said["a"]
    assert "of b" in said["b"]
    assert all("of nobody" in text for text in said.values())
