"""Experiments: sequences of plans with a question. Each says what to measure next and knows what was found."""
