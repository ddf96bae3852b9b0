"""The routes of this project: see custom.py."""
