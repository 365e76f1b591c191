"""The built-in engine: judges, suggests and talks by rules and a small classifier, without any network."""
