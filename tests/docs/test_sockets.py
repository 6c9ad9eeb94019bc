"""The help topic of sockets tells every option."""

from __future__ import annotations

import re

from udstui.docs import read_topic
from udstui.settings.sockets import SOCKETS
from udstui.transports.options import OPTIONS


def test_every_option_stands_in_its_topic() -> None:
    topic = read_topic("sockets")
    assert re.findall(r"^\| `(\w+)` \|", topic, re.MULTILINE) == list(OPTIONS)
    assert all(setting.option in topic for setting in SOCKETS)
