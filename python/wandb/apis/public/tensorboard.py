"""`Api.sync_tensorboard`: event files of TensorBoard's, sent as a run."""

from __future__ import annotations

from wandb._base.portal import portal
from wandb._base.terminal import termwarn
from wandb._http.client import Client
from wandb._http.options import http_options
from wandb._service.replay import Outcome, Plan, Replay
from wandb._service.syncstate import Identity
from wandb._service.tensorboard import find_event_run, has_event_files
from wandb._settings.server_choice import choose
from wandb._settings.settings import Settings
from wandb.apis.public.server import Server
from wandb.errors import CommError

__all__ = ("send_event_files",)


def send_event_files(
    root_dir: str,
    server: Server,
    settings: Settings,
    *,
    run_id: str | None,
    project: str | None,
    entity: str | None,
) -> Identity:
    """Send the event files at or below a folder; return who their run is.

    Raises:
        CommError: There are none, or they could not be sent; what was sent stays.
    """
    if not has_event_files(root_dir):
        raise CommError(f"There are no event files of TensorBoard's here: {root_dir}")
    made = find_event_run(root_dir, settings.wandb_dir, run_id)
    try:
        made.take_in()
    except OSError as err:
        raise CommError(f"The event files can't be made into a run ({err}): {root_dir}") from err
    if not made.has_rows:
        raise CommError(f"There are no rows in these event files; nothing was sent: {root_dir}")
    names = {"project": project, "entity": entity}
    plan = Plan(
        folder=made.folder,
        run_id=made.run_id,
        server="" if choose(settings).kind == "local" else server.base_url,
        overrides={name: value for name, value in names.items() if value},
    )
    outcome = portal().call(_send(plan, server, settings))
    for notice in (*made.notices, *outcome.warnings):
        termwarn(notice)
    if outcome.error is not None or outcome.identity is None:
        raise CommError(
            f"The event files were not sent, or not whole ({outcome.error or 'no rows'}); the next "
            f"time goes on from there: {root_dir}"
        )
    return outcome.identity


async def _send(plan: Plan, server: Server, settings: Settings) -> Outcome:
    async with Client(server.base_url, server.api_key, http_options(settings)) as client:
        return await Replay(plan).run(client)
