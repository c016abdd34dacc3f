"""FZ-02: random sequences of commands, held against a small model of what a module and its cloud remember.

``state`` is the model, which knows no module; the other files hold the steps, each with what it says of the model and
which requirements it would break by their texts; ``explore`` runs them.
"""
