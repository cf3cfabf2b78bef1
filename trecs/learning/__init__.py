"""Training: one flat, resumable loop for each model, run by `trecs train NAME`."""
