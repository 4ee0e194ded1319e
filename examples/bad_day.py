"""Drive a client through a bad day, sixty times faster than it would be, and ask how it behaved."""

from pathlib import Path

from clarion import ClaudeConfig, ClaudeService, RetryPolicy
from clarion.emulator import Emulator
from clarion.emulator.scenario import Scenario

SPEED = 60

emulator = Emulator(scenario=Scenario.load(Path(__file__).with_suffix(".yaml"), speed=SPEED))
retry = RetryPolicy(attempts=8, base=0.5 / SPEED, cap=30 / SPEED)
claude = ClaudeService(emulate=emulator, config=ClaudeConfig(retry=retry))

for question in ("Count for me.", "What is the weather in Oslo?", "And in Lima?"):
    with claude.stream(question) as stream:
        shown = "".join(stream)
    print(f"{question} {len(stream.completion.attempts)} attempts, {len(shown)} characters")

for account in emulator.accounts:
    print(account)
print("verdict:", *(emulator.verdict() or ["nothing to find"]))
emulator.assert_expected()
