"""What Excel may call: the worksheet functions of valuehour, nothing else."""

from valuehour.hosts.udfs import *  # noqa: F403  one name for each definition, and nothing else
