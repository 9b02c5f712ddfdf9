"""How a network's loss bends, what it looks like around the weights, how noisy its gradient is."""

from .hessian import hessian_vector, sharpness
from .noise import NoiseScale, gradient_noise_scale
from .slices import LossSlice, loss_slice

__all__ = [
    "LossSlice",
    "NoiseScale",
    "gradient_noise_scale",
    "hessian_vector",
    "loss_slice",
    "sharpness",
]
