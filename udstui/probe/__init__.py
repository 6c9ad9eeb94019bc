"""The probe: a process that times every lane when it is asked for a round, and never draws."""
