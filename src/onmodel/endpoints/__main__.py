"""`python -m onmodel.endpoints [WORD]` lists every endpoint, with its kind, lengths and price."""

from __future__ import annotations

import os
import sys

from onmodel.endpoints.catalogue import Catalogue
from onmodel.endpoints.endpoint import Endpoint
from onmodel.endpoints.prices import PriceTable


def _line(endpoint: Endpoint, prices: PriceTable) -> str:
    lengths = ",".join(str(seconds) for seconds in endpoint.seconds or ())
    price = prices.rate(endpoint.name) or "no price known"
    columns = (f"{endpoint.name:<58}", f"{endpoint.kind:<18}", f"{endpoint.tier:<8}", f"{price:<20}")
    return " ".join((*columns, f"{lengths} s" if lengths else "")).rstrip()


def main(words: list[str]) -> int:
    """Prints the endpoints whose name or kind holds every word; 1 if there is none."""
    catalogue, prices = Catalogue.load(), PriceTable.load()
    endpoints = [catalogue.get(name) for name in catalogue.names()]
    found = [one for one in endpoints if all(word in f"{one.name} {one.kind}" for word in words)]
    sys.stdout.writelines(f"{_line(endpoint, prices)}\n" for endpoint in found)
    return 0 if found else 1


if __name__ == "__main__":
    try:
        code = main(sys.argv[1:])
        sys.stdout.flush()
    except BrokenPipeError:
        # Whoever read our output (`| head`) has enough; Python would complain once more when it ends.
        os.dup2(os.open(os.devnull, os.O_WRONLY), sys.stdout.fileno())
        code = 0
    sys.exit(code)
