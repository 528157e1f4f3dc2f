"""The console's page. In: nothing; it asks for its data itself. Out: HTML with its policy, one style and one script.

The same rules as for access.html: text nodes only, no library. It may talk to nobody but the server it came from.
"""

from typing import NamedTuple

from scopegen.matrix.page import hashed
from scopegen.templating import Raw, render, static

_OURS = "connect-src 'self'; frame-ancestors 'none'; "


class Page(NamedTuple):
    """A page and the Content-Security-Policy that it is sent with."""

    html: str
    policy: str


def page() -> Page:
    """The whole page. Its style follows that of access.html, so that colours and type are the same."""
    style = static("matrix/access.css") + static("console/console.css")
    script = static("console/console.js")
    html = render("console/console.html", {"style": Raw(style), "script": Raw(script)}, "")
    return Page(html, hashed(style, script, _OURS))
