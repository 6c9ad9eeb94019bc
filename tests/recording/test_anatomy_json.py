from __future__ import annotations

import json

from tests.dissected import dissected
from tests.told import json_of
from udstui.recording.anatomy_json import FORMAT


async def test_the_json_has_every_step_and_the_caveats() -> None:
    text = json_of(await dissected(steal_percent=7.0))
    assert text.startswith(FORMAT.signature)
    record = json.loads(text)
    assert [lane["transport"] for lane in record["lanes"]] == ["uds", "tcp"]
    assert record["lanes"][0]["same"]["rounds"] == 15
    assert record["run_id"].startswith("r-") and record["started_at"]
    assert record["caveats"]["same"][0]["code"] == "steal"
