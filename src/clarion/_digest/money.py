"""What calls of a digest cost, what all of them will, and whether the budget allows another."""

from __future__ import annotations

from decimal import Decimal
from typing import TYPE_CHECKING

from clarion._cost import Unpriced, cost_of
from clarion._digest.forecast import DigestEstimate, Lengths, Outlook
from clarion._errors import LimitError
from clarion._usage import Usage

if TYPE_CHECKING:
    from clarion._catalog import Model
    from clarion._digest.asking import Asking
    from clarion._digest.nodes import Node, Sums
    from clarion._digest.preparation import Plan
    from clarion._digest.task import Task


class Money:
    """The money of one digest. What calls under way may cost at worst is held until they are settled."""

    def __init__(self, task: Task, asking: Asking, model: Model | None, plan: Plan, sums: Sums) -> None:
        self._task = task
        self._asking = asking
        self._model = model
        self._plan = plan
        self._sums = sums
        self._held: dict[Node, Decimal] = {}

    def estimate(self, *, has_answer: bool = False) -> DigestEstimate:
        """Return what the digest as a whole will cost, by what is known now."""
        plan, task = self._plan, self._task
        done = [node.written for node in plan.pieces if node.written is not None]
        room = task.room(self._model)
        return Outlook(
            open_pieces=[node.tokens for node in plan.pieces if node.written is None and node.error is None],
            done_notes=done,
            is_whole=plan.is_whole,
            frame=plan.frame,
            fits=task.notes_read(self._model),
            scale=plan.scale,
            notes=Lengths.of_notes(task.note, room).learnt(self._sums.lengths, done),
            merges=Lengths.of_notes(self._asking.merge_tokens, room),
            answer=Lengths.of_answer(task.config.max_tokens, thinks=bool(room)),
            spent=self._sums.cost.total if self._sums.cost else Decimal(0),
            price=self.price,
            has_answer=has_answer,
        ).estimate()

    def check(self, estimate: DigestEstimate) -> None:
        """Raise LimitError for a budget that will not do, or cannot be kept."""
        budget = self._task.budget
        if budget is None:
            return
        if estimate.cost is None or estimate.low is None:
            raise LimitError(f"the price of {self._task.config.model} is not known, so a budget cannot be kept")
        if estimate.low > budget:
            raise LimitError(
                f"the digest would cost {estimate}, over the budget of ${budget}: nothing was sent; "
                "raise the budget, ask a cheaper model, or digest less"
            )

    def hold(self, node: Node) -> str:
        """Hold what a call may cost at worst; return why it may not be made, empty if it may."""
        worst = self._at_worst(node)
        budget, cost = self._task.budget, self._sums.cost
        if budget is not None and cost is not None and cost.total + sum(self._held.values()) + worst > budget:
            return f"the budget of ${budget} does not allow another call, which may cost ${worst:.4f}"
        self._held[node] = worst
        return ""

    def release(self, node: Node) -> None:
        """Hold nothing more for a call."""
        self._held.pop(node, None)

    def price(self, tokens_in: float, tokens_out: float) -> Decimal | None:
        """Return what a call of so many tokens costs, in US dollars; None if that is not known."""
        span = self._asking.config.cache if self._plan.is_whole else False
        read = round(tokens_in)
        usage = Usage(
            input_tokens=0 if span else read,
            cache_creation_input_tokens=read if span else 0,
            ephemeral_1h_input_tokens=read if span == "1h" else 0,
            output_tokens=round(tokens_out),
        )
        name = self._model.id if self._model else self._task.config.model
        cost = cost_of(name, usage, served=self._task.config.extra, facts=self._model)
        return None if isinstance(cost, Unpriced) else cost.total

    def _at_worst(self, node: Node) -> Decimal:
        config = self._asking.config_of(node.kind)
        return self.price(node.tokens * self._plan.scale.ratio, config.max_tokens) or Decimal(0)
