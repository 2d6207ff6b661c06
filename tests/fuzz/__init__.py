"""Fuzzing of everything that reads what a user gives: `.venv/bin/python -m tests.fuzz READER --seconds 600 --seed 1`.

The promise that is checked: any file or text works, or is refused by one InputError; never by another exception, never
after more than 10 s or with more than 2 GB of memory, and never with a part of an output left behind.
"""
