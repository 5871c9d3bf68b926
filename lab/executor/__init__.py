"""Carries a plan out and undoes it. It never decides: what to do is in the plan and the steps,
what to think of it is the judge's."""
