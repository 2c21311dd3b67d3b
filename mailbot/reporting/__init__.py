"""Tables and reports made from the values that the store hands out."""
