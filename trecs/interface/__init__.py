"""The studio in the browser: one Gradio page and its HTTP API."""
