"""Recurrent layers in a few lines each: a loop over time.

Sequences have shape (N, T, D): examples, steps, features. ``w_ih`` weighs the input and ``w_hh``
the state before; where there are gates, their rows stand one below the other.
"""

import numpy as np

from ..activations import Sigmoid

sigmoid = Sigmoid.function


def rnn(x, w_ih, w_hh, b_ih=0, b_hh=0):
    r"""Return all states of the plain recurrent layer.

    .. math:: h_t = \tanh(W_{ih} x_t + b_{ih} + W_{hh} h_{t-1} + b_{hh}), \qquad h_0 = 0

    Parameters
    ----------
    x : array, shape (N, T, D)
    w_ih : array, shape (H, D)
    w_hh : array, shape (H, H)
    b_ih, b_hh : array, shape (H,), optional

    Returns
    -------
    array, shape (N, T, H)
    """
    h, states = _start(x, w_hh), []
    for t in range(x.shape[1]):
        h = np.tanh(x[:, t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh)
        states.append(h)
    return np.stack(states, axis=1)


def rnn_backward(dout, x, h, w_ih, w_hh):
    r"""Return the gradients of a loss, going back through time.

    .. math::
        \frac{\partial L}{\partial h_t} = \frac{\partial L_t}{\partial h_t}
            + W_{hh}^\top \delta_{t+1}, \qquad
        \delta_t = (1 - h_t^2) \frac{\partial L}{\partial h_t}

    Parameters
    ----------
    dout : array, shape (N, T, H)
        The gradient with respect to what ``rnn`` returned.
    x, w_ih, w_hh
        What ``rnn`` was given.
    h : array, shape (N, T, H)
        What ``rnn`` returned.

    Returns
    -------
    dx, dw_ih, dw_hh, db, dh : arrays
        ``db`` is the gradient of either bias. ``dh``, of shape (N, T, H), is that of each state,
        the later steps included: its size over ``t`` shows whether the gradient vanishes.
    """
    dx, dh = np.zeros_like(x), np.array(dout)
    dw_ih, dw_hh, db = np.zeros_like(w_ih), np.zeros_like(w_hh), np.zeros(len(w_hh), w_hh.dtype)
    for t in reversed(range(x.shape[1])):
        delta = (1 - h[:, t] ** 2) * dh[:, t]
        dx[:, t] = delta @ w_ih
        dw_ih += delta.T @ x[:, t]
        db += delta.sum(axis=0)
        if t > 0:
            dw_hh += delta.T @ h[:, t - 1]
            dh[:, t - 1] += delta @ w_hh
    return dx, dw_ih, dw_hh, db, dh


def gru(x, w_ih, w_hh, b_ih=0, b_hh=0):
    r"""Return all states of the gated recurrent unit.

    .. math::
        r_t &= \sigma(W_{ir} x_t + b_{ir} + W_{hr} h_{t-1} + b_{hr}) \\
        z_t &= \sigma(W_{iz} x_t + b_{iz} + W_{hz} h_{t-1} + b_{hz}) \\
        n_t &= \tanh(W_{in} x_t + b_{in} + r_t \odot (W_{hn} h_{t-1} + b_{hn})) \\
        h_t &= (1 - z_t) \odot n_t + z_t \odot h_{t-1}

    Parameters
    ----------
    x : array, shape (N, T, D)
    w_ih : array, shape (3H, D)
        The rows of r, then those of z, then those of n.
    w_hh : array, shape (3H, H)
    b_ih, b_hh : array, shape (3H,), optional

    Returns
    -------
    array, shape (N, T, H)
    """
    h, states = _start(x, w_hh), []
    for t in range(x.shape[1]):
        x_r, x_z, x_n = np.split(x[:, t] @ w_ih.T + b_ih, 3, axis=1)
        h_r, h_z, h_n = np.split(h @ w_hh.T + b_hh, 3, axis=1)
        r = sigmoid(x_r + h_r)
        z = sigmoid(x_z + h_z)
        n = np.tanh(x_n + r * h_n)
        h = (1 - z) * n + z * h
        states.append(h)
    return np.stack(states, axis=1)


def lstm(x, w_ih, w_hh, b_ih=0, b_hh=0):
    r"""Return all states of the long short-term memory.

    .. math::
        i_t &= \sigma(W_{ii} x_t + b_{ii} + W_{hi} h_{t-1} + b_{hi}) \\
        f_t &= \sigma(W_{if} x_t + b_{if} + W_{hf} h_{t-1} + b_{hf}) \\
        g_t &= \tanh(W_{ig} x_t + b_{ig} + W_{hg} h_{t-1} + b_{hg}) \\
        o_t &= \sigma(W_{io} x_t + b_{io} + W_{ho} h_{t-1} + b_{ho}) \\
        c_t &= f_t \odot c_{t-1} + i_t \odot g_t \\
        h_t &= o_t \odot \tanh c_t

    Parameters
    ----------
    x : array, shape (N, T, D)
    w_ih : array, shape (4H, D)
        The rows of i, then those of f, of g and of o.
    w_hh : array, shape (4H, H)
    b_ih, b_hh : array, shape (4H,), optional

    Returns
    -------
    array, shape (N, T, H)
    """
    h, states = _start(x, w_hh), []
    c = h
    for t in range(x.shape[1]):
        gates = x[:, t] @ w_ih.T + b_ih + h @ w_hh.T + b_hh
        i, f, g, o = np.split(gates, 4, axis=1)
        c = sigmoid(f) * c + sigmoid(i) * np.tanh(g)
        h = sigmoid(o) * np.tanh(c)
        states.append(h)
    return np.stack(states, axis=1)


def _start(x, w_hh):
    """Return the state before the first step: zeros, one row an example."""
    return np.zeros((len(x), w_hh.shape[1]), w_hh.dtype)
