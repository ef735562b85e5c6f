"""The catalogue of endpoints, the choice among them, requests and prices."""

from onmodel.endpoints.catalogue import Catalogue, UnknownEndpoint
from onmodel.endpoints.choice import Choice, Need, choose
from onmodel.endpoints.endpoint import Endpoint, Field
from onmodel.endpoints.models import Request, validate
from onmodel.endpoints.orientation import Orientation, orientation_for
from onmodel.endpoints.prices import Price, PriceTable
from onmodel.endpoints.request import Built, Element, Parts, build, picture_size, with_media
from onmodel.endpoints.situations import chosen_when
from onmodel.endpoints.told import guide_fields, told_instead
from onmodel.story.guide_keys import shot_key

__all__ = [
    "Built",
    "Catalogue",
    "Choice",
    "Element",
    "Endpoint",
    "Field",
    "Need",
    "Orientation",
    "Parts",
    "Price",
    "PriceTable",
    "Request",
    "UnknownEndpoint",
    "build",
    "choose",
    "chosen_when",
    "guide_fields",
    "orientation_for",
    "picture_size",
    "shot_key",
    "told_instead",
    "validate",
    "with_media",
]
