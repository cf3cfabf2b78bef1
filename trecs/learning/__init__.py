"""What trainings share: a run's folder, the loop, processes, rates, augmentation and judges."""
