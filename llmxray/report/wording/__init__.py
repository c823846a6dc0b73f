"""Sentences and definitions, made from the numbers of `analysis`."""
