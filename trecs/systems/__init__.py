"""Models that the pipeline is compared with."""
