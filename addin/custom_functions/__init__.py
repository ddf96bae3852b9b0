"""What Excel may call: the worksheet functions of valuehour, nothing else."""

from valuehour.hosts.udfs import *  # noqa: F403
