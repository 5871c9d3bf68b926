"""The lab on trial: nothing left behind, families real, verdicts the same under load."""
