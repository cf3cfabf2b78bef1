"""The mask of every region and its runners-up."""
