"""What in a code base will fail, or cost more than it must, on today's API.

`tree` says which files, `languages` how each is scanned, `codes` what can be found, `models` judges every name of a
model. Scanners are pure: a text and the facts (the catalogue, the day) to findings.
"""
