"""Reports: what recorded files hold, told to a colleague as one HTML page or as Markdown."""
