"""Labels, masks, hulls and the segmentation canvas. Knows nothing of text or networks."""
