"""`python -m mailbot` is the command `mailbot`."""

from mailbot.cli.main import main

if __name__ == "__main__":
    main()
