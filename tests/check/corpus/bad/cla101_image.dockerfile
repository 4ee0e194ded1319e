FROM python:3.13-slim
ENV CLAUDE_MODEL=claude-opus-4-20250514
CMD ["python", "-m", "reviewer"]
