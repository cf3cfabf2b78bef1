"""TReCS (Koh et al., WACV 2021), this studio's own pipeline, with a trace and without."""
