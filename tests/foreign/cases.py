"""Runs the cases of an object: its methods whose names start with `case_`."""

import traceback


def run(cases, about):
    """Runs the cases of one object in the order they are written; returns how many passed and failed."""
    n_passed = n_failed = 0
    for name in [name for name in type(cases).__dict__ if name.startswith("case_")]:
        try:
            getattr(cases, name)()
            n_passed += 1
        except Exception as error:
            n_failed += 1
            place = traceback.extract_tb(error.__traceback__)[-1]
            print(f"FAILED {about}: {name[5:].replace('_', ' ')}: {error!s} ({place.name}:{place.lineno})")
    return n_passed, n_failed


def report(results, label=""):
    """Prints the sum of what `run` returned, after the label if there is one, and returns the exit code."""
    n_passed, n_failed = (sum(column) for column in zip(*results))
    print(f"{label + ': ' if label else ''}{n_passed} passed, {n_failed} failed")
    return 0 if n_failed == 0 else 1
