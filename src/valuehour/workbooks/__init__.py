"""Workbooks: templates described as data, built, read and verified."""
