"""The page that shows many narratives, one beside what became of it."""
