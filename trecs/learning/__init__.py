"""Training: one flat, resumable loop for all models, run by `trecs train NAME`."""
