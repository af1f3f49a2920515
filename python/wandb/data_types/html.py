"""`Html`: a page, or a piece of one."""

import os
from collections.abc import Sequence
from typing import Any, ClassVar, TextIO

from wandb._base.terminal import termwarn
from wandb.data_types.base import BatchableMedia, Content, MediaSink, MediaSource
from wandb.data_types.inputs import fetched, file_content, read_stream

# Links open beside the page that shows this one, and it looks like the pages around it.
_HEAD = (
    '<base target="_blank">'
    '<link rel="stylesheet" type="text/css" href="https://app.wandb.ai/normalize.css" />'
)


class Html(BatchableMedia):
    """A page in HTML.

    Args:
        data: A file whose name ends with `.html`, or the text itself, or a stream of it.
        inject: Put a base for links and a stylesheet into the head. False leaves it as it is.
        data_is_not_path: Take `data` for the text even if there is a file of that name.

    Raises:
        OSError: The file can't be read.
        ValueError: `data` is something else.

    Examples:
        >>> run.log({"page": wandb.Html("<h1>Hello</h1>"), "report": wandb.Html("report.html")})
    """

    _log_type: ClassVar[str | None] = "html-file"
    kind = "html"

    def __init__(
        self,
        data: str | os.PathLike[str] | TextIO,
        inject: bool = True,
        data_is_not_path: bool = False,
    ) -> None:
        super().__init__()
        path = None if data_is_not_path else _html_file(data)
        self.html = _text_of(data) if path is None else _text_of_file(path)
        if inject:
            self.inject_head()
        if inject or path is None:
            self._content = Content(".html", data=self.html.encode("utf-8"))
        else:
            self._content = file_content("Html", path)

    def inject_head(self) -> None:
        """Put a base for links and a stylesheet into the head of `html`."""
        before, found, after = self.html.partition("<head>")
        if found:
            whole = f"{before}<head>{_HEAD}{after}"
        elif "<html>" in self.html:
            whole = self.html.replace("<html>", f"<html><head>{_HEAD}</head>", 1)
        else:
            whole = f"{_HEAD}{self.html}"
        self.html = whole.strip()

    @classmethod
    def list_to_wire(cls, values: Sequence[Any], sink: MediaSink, *, name: str) -> dict[str, Any]:
        """Keep several pages, and return what stands for all of them."""
        pages = [page.to_wire(sink, name=name) for page in values]
        return {"_type": "html", "count": len(pages), "html": pages}

    @classmethod
    def from_wire(cls, wire: dict[str, Any], source: MediaSource) -> "Html":
        """Make the page again of what stands for it."""
        page = cls.__new__(cls)
        BatchableMedia.__init__(page)
        path = fetched("Html", wire, source)
        page.html = _text_of_file(path)
        page._content = file_content("Html", path)
        return page


def _html_file(data: Any) -> str | None:
    """Return the path of an HTML file, or None for what is none."""
    if not isinstance(data, (str, os.PathLike)):
        return None
    path = os.fspath(data)
    if os.path.splitext(path)[1] == ".html" and os.path.isfile(path):
        return path
    if isinstance(data, str):
        if path.endswith(".html") and "<" not in path and "\n" not in path:
            termwarn(f"wandb.Html: there is no file {path!r}, so that is the page's text.")
        return None
    raise ValueError(f"wandb.Html: {path!r} is no file whose name ends with `.html`")


def _text_of(data: Any) -> str:
    if isinstance(data, str):
        return data
    if not hasattr(data, "read"):
        raise ValueError(
            f"wandb.Html takes a path, text or a stream of it, not {type(data).__name__}"
        )
    text = read_stream("Html", data)
    try:
        return text if isinstance(text, str) else text.decode("utf-8")
    except UnicodeDecodeError as err:
        raise _not_utf_8(err, "this stream") from None


def _text_of_file(path: str) -> str:
    try:
        with open(path, encoding="utf-8") as file:
            return file.read()
    except UnicodeDecodeError as err:
        raise _not_utf_8(err, repr(path)) from None


def _not_utf_8(err: UnicodeDecodeError, where: str) -> UnicodeDecodeError:
    reason = f"{err.reason}; wandb.Html takes UTF-8, and {where} is in another encoding"
    return UnicodeDecodeError(err.encoding, err.object, err.start, err.end, reason)
