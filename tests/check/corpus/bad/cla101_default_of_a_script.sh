#!/bin/sh
set -eu
model=${CLAUDE_MODEL:-claude-3-haiku-20240307}
git diff | llm --model "$model" "Write a commit message for this diff."
