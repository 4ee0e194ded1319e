# claude-2.1 is what this image was made for
FROM python:3.13-slim
ENV CLAUDE_MODEL=claude-opus-5-5
LABEL note="claude-3-opus-20240229"
