"""Charts of tables: line, scatter, bar and others, and your own by Vega-Lite.

A chart is logged as any value is; its table is logged beside it:

    run.log({"curve": wandb.plot.line(table, x="step", y="loss")})
"""

from wandb.plot.bar import bar as bar
from wandb.plot.confusion_matrix import confusion_matrix as confusion_matrix
from wandb.plot.custom_chart import CustomChart as CustomChart
from wandb.plot.custom_chart import plot_table as plot_table
from wandb.plot.histogram import histogram as histogram
from wandb.plot.line import line as line
from wandb.plot.line_series import line_series as line_series
from wandb.plot.pr_curve import pr_curve as pr_curve
from wandb.plot.roc_curve import roc_curve as roc_curve
from wandb.plot.scatter import scatter as scatter
from wandb.plot.viz import Visualize as Visualize
from wandb.plot.viz import visualize as visualize

__all__ = (
    "bar",
    "confusion_matrix",
    "histogram",
    "line",
    "line_series",
    "plot_table",
    "pr_curve",
    "roc_curve",
    "scatter",
    "visualize",
)
