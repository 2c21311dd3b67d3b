"""Yardsticks: the bare work done by raw loops and by others, beside which the product is measured in the same run."""
