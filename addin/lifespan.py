"""What happens at start and stop: nothing is served unless everything is there."""

from valuehour.hosts.server.startup import lifespan

__all__ = ["lifespan"]
