"""Views for people: what a run, a cloud or a scenario looks like as text."""
