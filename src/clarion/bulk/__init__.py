"""Jobs: a file of prompts, run through Claude so that nothing is lost."""
