"""The console's page. In: nothing; it asks for its data itself. Out: HTML with its policy, one style and one script.

The same rules as for access.html: text nodes only, no library. It may talk to nobody but the server it came from.
"""

from typing import NamedTuple

from scopegen.matrix.page import hashed
from scopegen.templating import Raw, render, template_root

_OURS = "connect-src 'self'; frame-ancestors 'none'; "


class Page(NamedTuple):
    """A page and the Content-Security-Policy that it is sent with."""

    html: str
    policy: str


def page() -> Page:
    """The whole page. Its style follows that of access.html, so that colours and type are the same."""
    style = _file("matrix/access.css") + _file("console/console.css")
    script = _file("console/console.js")
    html = render("console/console.html", {"style": Raw(style), "script": Raw(script)}, "")
    return Page(html, hashed(style, script, _OURS))


def _file(name: str) -> str:
    return (template_root() / name).read_text("utf-8")
