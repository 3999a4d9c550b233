"""stub"""


def write_report(*args: object) -> None:
    """stub"""
