from __future__ import annotations

import pytest

from onmodel.endpoints import Catalogue


@pytest.fixture(scope="session")
def catalogue() -> Catalogue:
    return Catalogue.load()
