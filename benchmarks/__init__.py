"""Side-by-side timings against the packages that readers would use instead: ``make bench``."""
