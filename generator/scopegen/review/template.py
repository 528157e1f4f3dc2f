"""Lines that would accept what fails. In: a Review. Out: YAML for `scopegen-accepted.yaml`, with the reason left to write."""

from scopegen.quoting import yaml_literal
from scopegen.report import visible
from scopegen.review import Review, words
from scopegen.review.accepted import fingerprint


def render(review: Review) -> str:
    """One entry for every change that fails; nothing where none does."""
    return "".join(
        f"- change: {yaml_literal(fingerprint(one.change))}\n"
        f"  # {visible(one.change.kind)} {visible(words.subject(one.change))}: {visible(words.effect(one.change))}\n"
        '  reason: ""\n'
        '  author: ""\n'
        '  expires: ""\n'
        for one in review.failing
    )
