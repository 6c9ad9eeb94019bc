"""Text: sentences and tables made of results. Nothing here knows a terminal."""
