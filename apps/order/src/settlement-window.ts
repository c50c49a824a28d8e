/** Orders asked about in one sweep, at least. */
export const MIN_QUESTIONS = 20;
/** And at most: the rest waits for the next sweep. */
export const MAX_QUESTIONS = 5_000;
/** Answered if no more than this share still waits. */
const MAX_UNANSWERED_SHARE = 0.1;

/**
 * How many orders a sweep may ask about, found as TCP finds its window: questions that were answered by the next sweep double
 * it, questions that were not halve it. So a shop whose messages were lost is asked for in a few sweeps, and a payment
 * service that is merely behind is not buried under questions about its backlog (ADR 7).
 * @see https://www.rfc-editor.org/rfc/rfc5681#section-3.1
 */
export class SettlementWindow {
  private questions = MIN_QUESTIONS;

  /** Questions in the next sweep, {@link MIN_QUESTIONS} to {@link MAX_QUESTIONS}. */
  get size(): number {
    return this.questions;
  }

  /** Takes in how the last sweep went. Asking about nothing teaches nothing. */
  learn({ asked, unanswered }: { asked: number; unanswered: number }): void {
    if (asked === 0) return;
    const isAnswered = unanswered <= asked * MAX_UNANSWERED_SHARE;
    const next = isAnswered ? this.questions * 2 : this.questions / 2;
    this.questions = Math.max(MIN_QUESTIONS, Math.min(MAX_QUESTIONS, Math.floor(next)));
  }
}
