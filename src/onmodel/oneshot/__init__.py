"""One shot from words to a file, with no production around it: a picture of somebody, then a clip of it.

What it needs it writes as a production of its own beside the file: `dance.onmodel/` for `dance.mp4`. So it
goes through the same plan, caps, journal and archive as every shot, and the same words asked for again cost
$0.
"""

from onmodel.oneshot.shooting import Film, dollars, film, film_async, remarks_on, shoot_film
from onmodel.oneshot.wish import Wish
from onmodel.oneshot.writing import write_film

__all__ = ["Film", "Wish", "dollars", "film", "film_async", "remarks_on", "shoot_film", "write_film"]
