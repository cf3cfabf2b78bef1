"""Public datasets: downloading them and bringing them into the layout that training reads."""
