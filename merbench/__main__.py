"""`python -m merbench`: the command line."""

from merbench.cli import main

if __name__ == "__main__":
    main()
