"""`python -m turbo_cmap` is the command `turbo-cmap`."""

from .cli import main

if __name__ == "__main__":
    main()
