"""How explanations compare, and what else would give the same output."""
