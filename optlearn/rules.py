"""Update rules as their sources write them: pure functions, in the order of the lessons.

Read these first. Every rule has the signature ::

    rule(w, g, *state, t, **hyperparameters) -> (w, *state)

where ``w`` are the weights, ``g`` is the gradient of the loss at ``w``, the state is zero before
the first step, and ``t = 1, 2, 3, ...`` counts the steps. A rule returns new arrays and changes
none of its arguments. The classes of :mod:`optlearn.optim` compute the same numbers in place; a
test holds the two together. From Adamax on the equations stand in their docstrings.

Weight decay stands in none of them. It is one of two helpers, applied before the rule:
:func:`coupled_decay` changes the gradient, :func:`decoupled_decay` the weights.
"""

import math

import numpy as np


def coupled_decay(w, g, weight_decay):
    r"""Return the gradient of the loss with an L2 penalty, :math:`g + \lambda w`."""
    return g + weight_decay * w


def decoupled_decay(w, lr, weight_decay):
    r"""Return shrunken weights, :math:`(1 - \eta\lambda)\, w` (Loshchilov & Hutter, 2019)."""
    return (1 - lr * weight_decay) * w


def sgd(w, g, t, lr=1e-3):
    r"""Take a step down the gradient: gradient descent (Cauchy, 1847).

    .. math:: w_t = w_{t-1} - \eta\, g_t

    It is called stochastic (Robbins & Monro, 1951) when ``g`` comes from a random part of the
    data; the rule is the same.
    """
    return (w - lr * g,)


def momentum(w, g, b, t, lr=1e-3, momentum=0.9, dampening=0.0):
    r"""Let the gradients of the past push along: the heavy ball (Polyak, 1964).

    .. math::
        b_t &= \mu\, b_{t-1} + g_t \\
        w_t &= w_{t-1} - \eta\, b_t

    PyTorch's form: the learning rate stands outside the buffer, and ``dampening`` scales every
    gradient but the first. Keras puts the learning rate inside; the two differ once it changes.
    """
    b = momentum * b + (g if t == 1 else (1 - dampening) * g)
    return w - lr * b, b


def nesterov(w, g, b, t, lr=1e-3, momentum=0.9):
    r"""Step with the momentum that the next step would have (Nesterov, 1983).

    .. math::
        b_t &= \mu\, b_{t-1} + g_t \\
        w_t &= w_{t-1} - \eta\, (g_t + \mu\, b_t)

    Nesterov's method takes the gradient at a look-ahead point. This is the form of Sutskever et
    al. (2013) with the look-ahead point itself stored as ``w``, as PyTorch does.
    """
    b = momentum * b + g
    return w - lr * (g + momentum * b), b


def adagrad(w, g, v, t, lr=1e-2, lr_decay=0.0, initial_accumulator_value=0.0, eps=1e-10):
    r"""Divide by the size of all gradients so far: rare features take large steps.

    .. math::
        v_t &= v_{t-1} + g_t^2 \\
        w_t &= w_{t-1} - \frac{\eta}{1 + (t-1)\,\delta}\; \frac{g_t}{\sqrt{v_t} + \epsilon}

    Duchi, Hazan & Singer (2011), the diagonal form of figure 1. The decay :math:`\delta` and the
    accumulator's first value are PyTorch's; Keras and Optax start it at 0.1.
    """
    v = v + g**2 + (initial_accumulator_value if t == 1 else 0)
    return w - lr / (1 + (t - 1) * lr_decay) * g / (np.sqrt(v) + eps), v


def rmsprop(w, g, v, g_mean, b, t, lr=1e-2, alpha=0.99, eps=1e-8, momentum=0.0, centered=False):
    r"""Divide by the size of recent gradients: Adagrad that forgets.

    .. math::
        v_t &= \alpha\, v_{t-1} + (1-\alpha)\, g_t^2 \\
        \bar g_t &= \alpha\, \bar g_{t-1} + (1-\alpha)\, g_t && \text{(centered)} \\
        b_t &= \mu\, b_{t-1} + \frac{g_t}{\sqrt{v_t - \bar g_t^2} + \epsilon} \\
        w_t &= w_{t-1} - \eta\, b_t

    There is no paper: Hinton showed it on slides (2012), with :math:`\alpha = 0.9`. Centering is
    Graves's (2013, equations 38 to 45) and 0.99 is PyTorch's. Not centered, the mean is left out.
    """
    v = alpha * v + (1 - alpha) * g**2
    g_mean = alpha * g_mean + (1 - alpha) * g
    b = momentum * b + g / (np.sqrt(v - g_mean**2 if centered else v) + eps)
    return w - lr * b, v, g_mean, b


def adadelta(w, g, v, d, t, lr=1.0, rho=0.9, eps=1e-6):
    r"""Step as long as recent steps were, in units of the weight (Zeiler, 2012, Algorithm 1).

    .. math::
        v_t &= \rho\, v_{t-1} + (1-\rho)\, g_t^2 \\
        u_t &= \frac{\sqrt{d_{t-1} + \epsilon}}{\sqrt{v_t + \epsilon}}\, g_t \\
        d_t &= \rho\, d_{t-1} + (1-\rho)\, u_t^2 \\
        w_t &= w_{t-1} - \eta\, u_t
    """
    v = rho * v + (1 - rho) * g**2
    u = np.sqrt(d + eps) / np.sqrt(v + eps) * g
    d = rho * d + (1 - rho) * u**2
    return w - lr * u, v, d


def adam(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    r"""Momentum, divided by the running size of the gradient (Kingma & Ba, 2015, Algorithm 1).

    .. math::
        m_t &= \beta_1 m_{t-1} + (1-\beta_1)\, g_t \\
        v_t &= \beta_2 v_{t-1} + (1-\beta_2)\, g_t^2 \\
        \hat m_t &= m_t / (1-\beta_1^t), \qquad \hat v_t = v_t / (1-\beta_2^t) \\
        w_t &= w_{t-1} - \eta\, \hat m_t / (\sqrt{\hat v_t} + \epsilon)
    """
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v


def amsgrad(w, g, m, v, v_max, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    r"""Let Adam's denominator never shrink (Reddi, Kale & Kumar, 2018, Algorithm 2).

    .. math:: v^{\max}_t = \max(v^{\max}_{t-1},\, v_t), \text{ in place of } v_t

    PyTorch and Keras correct the bias of :math:`v^{\max}`, as here; Optax takes the maximum of the
    corrected :math:`\hat v`, and the paper corrects nothing.
    """
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    v_max = np.maximum(v_max, v)
    m_hat, v_hat = m / (1 - beta1**t), v_max / (1 - beta2**t)
    return w - lr * m_hat / (np.sqrt(v_hat) + eps), m, v, v_max


def adamw(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    """Adam after :func:`decoupled_decay` (Loshchilov & Hutter, 2019, Algorithm 2).

    Without weight decay it is Adam.
    """
    return adam(w, g, m, v, t, lr, betas, eps)


def adamax(w, g, m, u, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8):
    r"""Divide by the largest recent gradient (Kingma & Ba, 2015, Algorithm 2).

    The paper has no :math:`\epsilon`; PyTorch adds it inside the maximum.
    """
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    u = np.maximum(beta2 * u, np.abs(g) + eps)
    return w - lr / (1 - beta1**t) * m / u, m, u


def nadam(w, g, m, v, t, lr=2e-3, betas=(0.9, 0.999), eps=1e-8, momentum_decay=4e-3):
    r"""Adam with Nesterov's look-ahead in the first moment (Dozat, 2016, Algorithm 2)."""
    mu = [betas[0] * (1 - 0.5 * 0.96 ** (i * momentum_decay)) for i in range(1, t + 2)]
    return nadam_given(w, g, m, v, t, lr, betas, eps, mu[-2:], math.prod(mu[:-1]))


def nadam_given(w, g, m, v, t, lr, betas, eps, mu, product):
    r"""Take the step of :func:`nadam` from :math:`\mu_t, \mu_{t+1}` and the product up to t."""
    (beta1, beta2), (now, later) = betas, mu
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = later * m / (1 - product * later) + (1 - now) * g / (1 - product)
    return w - lr * m_hat / (np.sqrt(v / (1 - beta2**t)) + eps), m, v


def radam(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-8):
    r"""Adam that waits until its denominator can be trusted (Liu et al., 2020, Algorithm 2).

    The paper switches at 4; PyTorch, as here, at 5, and it adds eps to the uncorrected root.
    """
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat = m / (1 - beta1**t)
    longest = 2 / (1 - beta2) - 1
    length = longest - 2 * t * beta2**t / (1 - beta2**t)
    if length <= 5:
        return w - lr * m_hat, m, v
    r = math.sqrt((length - 4) * (length - 2) * longest / ((longest - 4) * (longest - 2) * length))
    return w - lr * m_hat * r * math.sqrt(1 - beta2**t) / (np.sqrt(v) + eps), m, v


def lion(w, g, m, t, lr=1e-4, betas=(0.9, 0.99)):
    r"""Step by the sign of a mean of gradients (Chen et al., 2023, Algorithm 2).

    Apply :func:`decoupled_decay` first.
    """
    beta1, beta2 = betas
    step = np.sign(beta1 * m + (1 - beta1) * g)
    return w - lr * step, beta2 * m + (1 - beta2) * g


def lars(w, g, b, t, lr=1.0, momentum=0.9, trust_coefficient=0.001):
    r"""Give each layer a step in proportion to its weights (You, Gitman & Ginsburg, 2017).

    For one parameter at a time, since the norms are a layer's. Where a norm is zero, and for
    biases and other 1-D parameters, the ratio is 1. The learning rate stands inside the buffer.
    """
    b = momentum * b + lr * trust_ratio(w, g, trust_coefficient) * g
    return w - b, b


def lamb(w, g, m, v, t, lr=1e-3, betas=(0.9, 0.999), eps=1e-6, weight_decay=0.0):
    r"""Adam's step, as long as the layer's weights allow (You et al., 2020, Algorithm 2).

    For one parameter at a time; 1-D parameters and zero norms take the ratio 1. The weight decay
    stands in the rule because the ratio is taken after it.
    """
    beta1, beta2 = betas
    m = beta1 * m + (1 - beta1) * g
    v = beta2 * v + (1 - beta2) * g**2
    m_hat, v_hat = m / (1 - beta1**t), v / (1 - beta2**t)
    u = m_hat / (np.sqrt(v_hat) + eps) + weight_decay * w
    return w - lr * trust_ratio(w, u) * u, m, v


def trust_ratio(w, u, trust_coefficient=1.0):
    """Return the norm of a layer's weights over the norm of its update, or 1 where it is no use."""
    if w.ndim < 2:
        return 1.0
    long, short = np.linalg.norm(w), np.linalg.norm(u)
    useless = (long == 0) | (short == 0)  # no ``if``: a GPU would have to stop and tell
    return np.where(useless, 1.0, trust_coefficient * long / (short + useless))


def muon(w, g, m, t, lr=1e-3, momentum=0.95, nesterov=True, ns_steps=5, adjust_lr="original"):
    r"""Make the singular values of a matrix's momentum equal, and step (Jordan, 2024).

    For one matrix at a time. There is no paper: Muon was published as a blog post. With
    ``adjust_lr="match_rms_adamw"`` (Liu et al., 2025) the scale is 0.2 times the root of the
    longer side. Apply :func:`decoupled_decay` first.
    """
    m = momentum * m + (1 - momentum) * g
    u = momentum * m + (1 - momentum) * g if nesterov else m
    rows, columns = w.shape
    scales = {
        "original": math.sqrt(max(1, rows / columns)),
        "match_rms_adamw": 0.2 * math.sqrt(max(rows, columns)),
    }
    return w - lr * scales[adjust_lr] * orthogonalize(u, ns_steps), m


def orthogonalize(x, steps=5):
    r"""Push all singular values of a matrix towards 1, by Newton and Schulz's iteration.

    .. math:: X \leftarrow a X + (b\, X X^\top + c\, (X X^\top)^2)\, X

    The coefficients are Jordan's: steep at zero, so that five steps come near 1, not to it.
    """
    tall = x.shape[0] > x.shape[1]
    x = x.T if tall else x
    x = x / np.maximum(np.linalg.norm(x), 1e-7)
    for _ in range(steps):
        gram = x @ x.T
        x = 3.4445 * x + (-4.7750 * gram + 2.0315 * gram @ gram) @ x
    return x.T if tall else x


def schedule_free_sgd(w, g, z, t, lr=1.0, momentum=0.9):
    r"""Average the weights instead of lowering the learning rate (Defazio et al., 2024).

    The average :math:`x`, at which the model is evaluated, is found from ``w`` and ``z``. For a
    constant learning rate; with another one the weight :math:`1/t` becomes that of the rates'
    squares.
    """
    z = w if t == 1 else z
    x = (w - (1 - momentum) * z) / momentum
    z = z - lr * g
    x = (1 - 1 / t) * x + z / t
    return (1 - momentum) * z + momentum * x, z


def schedule_free_adamw(w, g, z, v, t, lr=2.5e-3, betas=(0.9, 0.999), eps=1e-8, weight_decay=0.0):
    r"""Schedule-free steps of a gradient divided by its size, as in Adam (Defazio et al., 2024).

    The momentum is the first of ``betas``. The weight decay stands in the rule
    because it moves the base steps, not the weights.
    """
    momentum, beta2 = betas
    v = beta2 * v + (1 - beta2) * g**2
    step = g / (np.sqrt(v / (1 - beta2**t)) + eps) + weight_decay * w
    return *schedule_free_sgd(w, step, z, t, lr, momentum), v
