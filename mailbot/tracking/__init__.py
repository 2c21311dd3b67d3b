"""The life of a delivery: facts in, states and due steps out."""
