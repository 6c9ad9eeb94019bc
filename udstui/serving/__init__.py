"""Serving: a service on an address, in threads or in a process of its own, and who is let in."""
