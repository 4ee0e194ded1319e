#!/bin/sh
# It was claude-3-opus-20240229 once; don't go back.
echo "claude-3-opus-20240229 was retired: use claude-opus-5-5"
grep -rn "claude-2.1" src && exit 1
model=claude-opus-5-5 # not claude-2.1
curl -s https://api.anthropic.com/v1/messages -H "anthropic-version: 2023-06-01" \
  -d '{"model": "claude-haiku-4-5", "max_tokens": 10, "temperature": 0.2, "messages": [{"role": "user", "content": "Hi"}]}'
