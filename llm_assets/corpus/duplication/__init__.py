"""Which documents say the same: signatures, candidate pairs, their verification, the decision."""
