"""What every command reports in one line, without PyTorch having to be loaded for it."""


class TrainingError(Exception):
    """Something expected was not found; the message says what, where and what to do."""
