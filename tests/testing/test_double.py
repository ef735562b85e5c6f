"""What a user's own code that goes to fal is tested with."""

from __future__ import annotations

import asyncio
from pathlib import Path

import httpx
import pytest

from onmodel.endpoints import Catalogue
from onmodel.testing import REHEARSAL_KEY, ArtOrder, FalDouble, Made, Rule, Trouble, small_picture


class Painter:
    """Answers every order with the same picture."""

    async def make(self, order: ArtOrder) -> list[Made]:
        """Make the picture."""
        picture = small_picture(order.folder / "a.png")
        return [Made(picture, "image/png", 400, 400, None)]


def test_a_double_takes_jobs_and_rehearses_trouble(tmp_path: Path) -> None:
    """Code that speaks fal's queue over httpx meets the trouble that a test asks for, then gets its job."""
    trouble = Trouble((Rule("submit", "429"),))

    async def submit() -> list[int]:
        double = FalDouble(tmp_path, endpoints=Catalogue.load(), artist=Painter(), trouble=trouble)
        async with httpx.AsyncClient(transport=double) as client:
            answers = [
                await client.post(
                    "https://queue.fal.run/fal-ai/flux/dev",
                    json={"prompt": "a lamp"},
                    headers={"Authorization": f"Key {REHEARSAL_KEY}"},
                )
                for _ in range(2)
            ]
            assert len(double.accepted()) == 1
        return [answer.status_code for answer in answers]

    assert asyncio.run(submit()) == [429, 200]


def test_trouble_that_nobody_knows_is_refused() -> None:
    """A fault that the double cannot play is an error of the test, with what is allowed."""
    with pytest.raises(Exception, match="allowed: connect"):
        Rule("submit", "earthquake")
