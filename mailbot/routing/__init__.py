"""Reading + Site + Known + now -> Decision: who gets it, by when, and why."""
