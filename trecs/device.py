"""The device on which networks draw and measure."""


def best_device() -> str:
    """The GPU, "cuda", where torch finds one, else "cpu"."""
    import torch

    return "cuda" if torch.cuda.is_available() else "cpu"
