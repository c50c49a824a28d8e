/** One stretch of leading. */
export type Term = {
  /** Grows with every term, whoever leads: the fencing token (R22). */
  readonly token: string;
  readonly holder: string;
  /** Aborted when the term may have ended. */
  readonly signal: AbortSignal;
  /**
   * Writes all entries in one transaction that holds only while this very term lasts, by etcd's word and not ours.
   * @returns false when the term was over: nothing was written, and leading is lost
   * @throws AppError `unavailable` when nobody knows: it may have been written
   */
  write(entries: Readonly<Record<string, string>>): Promise<boolean>;
  /** Steps down. */
  end(): Promise<void>;
};

/** Leading by a lease: at most one holder at a time, and every act of a holder carries a token its successors exceed. */
export abstract class FencedLease {
  /**
   * Tries once to lead.
   * @returns undefined while somebody else leads
   * @throws AppError `unavailable` without a majority
   */
  abstract tryToLead(holder: string): Promise<Term | undefined>;

  /**
   * Who leads, by a linearizable read: what a checker of tokens must use.
   * @throws AppError `unavailable` without a majority
   */
  abstract current(): Promise<{ readonly holder: string; readonly token: string } | undefined>;
}

/** Where there is one process only, it leads; tokens grow over restarts, by the clock. */
export class SoleLease extends FencedLease {
  private term: { holder: string; token: string } | undefined;

  constructor(
    private readonly write: (entries: Readonly<Record<string, string>>) => Promise<void> = async () => undefined,
  ) {
    super();
  }

  async tryToLead(holder: string): Promise<Term | undefined> {
    if (this.term) return undefined;
    const token = String(Date.now());
    const over = new AbortController();
    this.term = { holder, token };
    return {
      token,
      holder,
      signal: over.signal,
      write: async (entries) => {
        if (over.signal.aborted) return false;
        await this.write(entries);
        return true;
      },
      end: async () => {
        over.abort();
        this.term = undefined;
      },
    };
  }

  async current(): Promise<{ holder: string; token: string } | undefined> {
    return this.term;
  }
}
