"""Synthetic chat screenshots with truth: what they say (`conversations`), how they look (`looks`), pictures
(`scenes`)."""
