"""``python -m valuehour``."""

from valuehour.cli import main

if __name__ == "__main__":
    main(prog_name="valuehour")
