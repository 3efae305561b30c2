"""A Linux host: root namespace and bridges under one name, and the commands typed on it."""
