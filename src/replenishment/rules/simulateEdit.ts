// Evaluates a planner's override: the quantity as proposed and as decided, compared on the sales that followed.

/** An override whose interval has ended. In units. */
export interface Override {
  /** On hand and on order when it was decided. */
  position: number;
  proposed: number;
  /** What the planner made of it; 0: rejected. */
  decided: number;
  /** Sold from the day after the decision until the goods of the next order could be there. */
  demand: number;
  /** Days of that. */
  days: number;
}

/** What one quantity would have come to. */
export interface QuantityOutcome {
  /** Units wanted and not there. */
  lost: number;
  /** Units left over at the end, and how many days more they last at the pace that was sold; null: nothing sold. */
  leftover: number;
  leftoverDays: number | null;
}

export type ComparisonVerdict = 'BETTER' | 'WORSE' | 'TRADE_OFF' | 'SAME';

export interface JudgedOverride {
  proposed: QuantityOutcome;
  decided: QuantityOutcome;
  verdict: ComparisonVerdict;
}

function outcomeOf({ position, demand, days }: Override, quantity: number): QuantityOutcome {
  const there = position + quantity;
  const leftover = Math.max(0, there - demand);
  return {
    lost: Math.max(0, demand - there),
    leftover,
    leftoverDays: demand > 0 && days > 0 ? leftover / (demand / days) : null,
  };
}

/**
 * Judges an override over the interval its order had to cover (forecast value added, Gilliland 2010, of a judgemental step;
 * stock and lost sales as in the newsvendor's overage and underage, Silver, Pyke & Thomas 2017, ch. 9). Sales count as
 * demand; where the shelf was empty they are less, and lost sales are then a lower bound. Fewer lost sales for more
 * leftover stock, or the reverse, is a trade-off: its value depends on margin and holding cost.
 */
export function judgeOverride(override: Override): JudgedOverride {
  const proposed = outcomeOf(override, override.proposed);
  const decided = outcomeOf(override, override.decided);
  const lost = decided.lost - proposed.lost;
  const leftover = decided.leftover - proposed.leftover;
  return { proposed, decided, verdict: verdictOf(lost, leftover) };
}

function verdictOf(lost: number, leftover: number): ComparisonVerdict {
  if (lost === 0 && leftover === 0) return 'SAME';
  if (lost <= 0 && leftover <= 0) return 'BETTER';
  return lost >= 0 && leftover >= 0 ? 'WORSE' : 'TRADE_OFF';
}
