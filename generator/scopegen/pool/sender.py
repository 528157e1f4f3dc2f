"""Whose page sent a request. In: a request, our own URL. Out: whether it is a page of ours, or no page at all.

A browser says in `Origin` where a page came from. Ours came from the host that the request itself names, whatever name or
port leads here; that this is a name of ours was checked before anybody came here, against DNS rebinding.
"""

from urllib.parse import urlsplit

from starlette.requests import Request


def is_own(request: Request, url: str) -> bool:
    """Whether every origin that is named is ours."""
    whole = urlsplit(url)
    own = (f"{whole.scheme}://{whole.netloc}", f"{request.scope['scheme']}://{request.headers.get('host', '')}")
    return all(origin in own for origin in request.headers.getlist("origin"))
