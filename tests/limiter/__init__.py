"""A simulation of rate limits in virtual time: what a way of pacing gets out of them, and how often it is refused."""
