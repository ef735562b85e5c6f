"""A fal of our own, in this process: the same wire, pictures made here, no network and no bill."""
