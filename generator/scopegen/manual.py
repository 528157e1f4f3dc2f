"""The manual. In: a rule. Out: its page: what it means, why it matters, an example, what to write instead."""

from pathlib import Path

from scopegen.diagnostics import Rule

HEADINGS = ("## What it means", "## Why it matters", "## Example", "## Instead")


def page(rule: Rule) -> str:
    """The page of a rule in Markdown, with its heading."""
    body = (Path(__file__).parent / "rules" / "pages" / f"{rule.code}.md").read_text("utf-8")
    guard = "\n\nThis rule keeps a system from failing open: it cannot be silenced." if rule.guard else ""
    return f"# {rule.code} {rule.name} ({rule.severity.word})\n\n{body.strip()}{guard}\n"
