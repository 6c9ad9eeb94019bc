"""`python -m udstui` is the `udstui` command."""

from udstui.cli import main

if __name__ == "__main__":
    main()
