"""What a histogram is made of."""

import numpy as np

import wandb


class OnADevice:
    """Looks like a tensor of PyTorch's that numpy can't read as it is."""

    dtype = "torch.bfloat16"

    def detach(self):
        return self

    cpu = resolve_conj = resolve_neg = detach

    def __array__(self, *args, **kwargs):
        raise TypeError("can't convert cuda:0 device type tensor to numpy")

    def float(self):
        return self

    def numpy(self):
        return np.arange(100.0)


OnADevice.__module__ = "torch"
OnADevice.__name__ = "Tensor"


def test_a_tensor_on_another_device_is_copied_and_counted():
    made = wandb.Histogram(OnADevice(), num_bins=10)

    assert made.histogram == [10] * 10
    assert made.bins == np.linspace(0, 99, 11).tolist()
