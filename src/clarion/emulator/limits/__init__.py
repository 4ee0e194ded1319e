"""Rate limits, spend limits and capacity, as the API keeps them for an organisation."""

from clarion.emulator.limits.limiter import Limiter
from clarion.emulator.limits.ramp import Ramp
from clarion.emulator.limits.spending import SpendLimits
from clarion.emulator.limits.tiers import Limits, TierName

__all__ = ["Limiter", "Limits", "Ramp", "SpendLimits", "TierName"]
