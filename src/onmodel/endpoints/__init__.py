"""The catalogue of endpoints, the choice among them, requests and prices."""

from onmodel.endpoints.catalogue import Catalogue, UnknownEndpoint
from onmodel.endpoints.choice import Choice, Need, choose
from onmodel.endpoints.endpoint import Endpoint, Field
from onmodel.endpoints.prices import Price, PriceTable
from onmodel.endpoints.request import Built, Parts, build, picture_size, validate

__all__ = [
    "Built",
    "Catalogue",
    "Choice",
    "Endpoint",
    "Field",
    "Need",
    "Parts",
    "Price",
    "PriceTable",
    "UnknownEndpoint",
    "build",
    "choose",
    "picture_size",
    "validate",
]
