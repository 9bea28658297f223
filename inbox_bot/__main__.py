"""``python -m inbox_bot`` is the ``inbox-bot`` command."""

from inbox_bot.cli import main

if __name__ == "__main__":
    main()
