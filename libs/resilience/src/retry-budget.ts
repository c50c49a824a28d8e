/** Retries that may be saved up while all is well, and spent at once. */
const MAX_SAVED_RETRIES = 20;

/**
 * Limits retries to a share of calls, so that a failing target is not asked three times as often as a healthy one. Each
 * first attempt earns `ratio` of a retry, up to 20 saved ones.
 * @see https://finagle.github.io/blog/2016/02/08/retry-budgets/
 */
export class RetryBudget {
  private saved = MAX_SAVED_RETRIES;

  constructor(private readonly ratio: number) {}

  earn(): void {
    this.saved = Math.min(MAX_SAVED_RETRIES, this.saved + this.ratio);
  }

  /** Takes one retry, if there is one. */
  spend(): boolean {
    if (this.saved < 1) return false;
    this.saved--;
    return true;
  }
}
