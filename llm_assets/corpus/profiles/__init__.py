"""Published quality profiles: what they measure, cut and decide."""
