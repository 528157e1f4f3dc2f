"""Who answers a request that was let in. In: the request at its method, its body. Out: an Answer, or where it is forwarded.

In this order: a mock integration of the document's own, and of a preflight; a backend; the mock that scopegen supplied,
where it has an example; what the operation's first success looks like.
"""

from scopegen.document import text
from scopegen.gateway import mock
from scopegen.gateway.answers import Answer, has_body, header
from scopegen.gateway.example import example
from scopegen.gateway.seen_by import Sight
from scopegen.served import Api, Method


def is_own_mock(method: Method) -> bool:
    """Whether the document, or a preflight, says itself what is answered."""
    return _is_mock(method) and not method.supplied


def _is_mock(method: Method) -> bool:
    return text(method.integration.get("type")).lower() == "mock"


def answered(api: Api, method: Method, sight: Sight, body: bytes) -> Answer:
    """The answer without a backend."""
    if not _is_mock(method):
        return _made_up(api, method, Answer(0), ("no backend is named for this API: the answer is made up",))
    answer = mock.answered(method.integration, sight, body)
    needs_body = method.supplied and answer.by == "mock" and not answer.body and has_body(answer.status)
    return _made_up(api, method, answer) if needs_body else answer


def _made_up(api: Api, method: Method, answer: Answer, notes: tuple[str, ...] = ()) -> Answer:
    """The operation's example in the place of a body; headers of a mock, such as those of CORS, stay."""
    found = example(api, method)
    media = header("Content-Type", found.media) if found.media else None
    headers = [one for one in answer.headers if one[0].lower() != b"content-type"]
    return Answer(
        answer.status or found.status,
        (*headers, *((media,) if media is not None else ())),
        found.body,
        found.by,
        (*answer.notes, *notes),
    )
