"""Where source objects live, and how a change to them is noticed."""
