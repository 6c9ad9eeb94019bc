from __future__ import annotations

import json

from tests.dissected import dissected
from tests.scripted import HOST
from udstui.recording.anatomy_json import FORMAT, to_json


async def test_the_json_has_every_step_and_the_caveats() -> None:
    text = to_json(await dissected(steal_percent=7.0), HOST)
    assert text.startswith(FORMAT.signature)
    record = json.loads(text)
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "tcp"]
    assert record["lanes"][0]["same"]["rounds"] == 15
    assert record["run_id"].startswith("r-") and record["started_at"]
    assert record["caveats"]["same"][0]["code"] == "steal"
