"""Readers: each recognises something a user has, and opens it."""
