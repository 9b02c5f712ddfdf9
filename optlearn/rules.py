"""Update rules as their sources write them: pure functions, in the order of the lessons.

Read these first. Every rule has the signature ::

    rule(w, g, *state, t, **hyperparameters) -> (w, *state)

where ``w`` are the weights, ``g`` is the gradient of the loss at ``w``, the state is zero before
the first step, and ``t = 1, 2, 3, ...`` counts the steps. A rule returns new arrays and changes
none of its arguments. The classes of :mod:`optlearn.optim` compute the same numbers in place; a
test holds the two together.
"""


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
