"""A help topic as Markdown: from its file, or made of the rows of settings."""

from __future__ import annotations

from collections.abc import Iterator

from udstui.docs import SETTINGS, all_topics, read_topic
from udstui.settings import GROUPS


def help_topic(name: str) -> str:
    """Raises UsageError for a name that is neither a topic nor a JSON Schema."""
    return "\n".join(_settings()) + "\n" if name == SETTINGS else read_topic(name)


def _settings() -> Iterator[str]:
    """The topic that is made of the rows of settings, as Markdown."""
    yield from (f"# {all_topics()[SETTINGS]}", "", "The keys are those of the dashboard; with shift they go backwards.")
    for section, settings in GROUPS.items():
        yield from ("", f"## {section}")
        for setting in settings:
            key = f", key `{setting.key}`" if setting.key else ""
            choices = setting.choices() if setting.choices else {}
            yield from ("", f"`{setting.option}`{key}: {setting.about}.", *([""] if choices else []))
            yield from (f"- `{choice}`: {about}" for choice, about in choices.items())
