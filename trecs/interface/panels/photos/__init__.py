"""Photos of one's own, whose labels are painted on the page."""
