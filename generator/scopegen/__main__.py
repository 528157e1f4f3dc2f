"""`python -m scopegen` is the command `scopegen`."""

from scopegen.cli import run

if __name__ == "__main__":
    run()
